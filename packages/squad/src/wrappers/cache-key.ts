import { createHash } from 'node:crypto';
import { parseExchange, type AlignRequest, type Exchange, type Verdict } from '@align-squad/core';

type Json = string | number | null | readonly Json[];

/**
 * SHA-256 of an exchange, so that no text is kept as a key.
 * @throws AlignSquadError `invalid-exchange`.
 */
export function digestExchange(exchange: Exchange): string {
  const { prompt, context, response } = parseExchange(exchange);
  const turns = typeof prompt === 'object' ? prompt.map(({ role, content }) => [role, content]) : (prompt ?? null);
  return digest([turns, context ?? null, response]);
}

/** Key of a verdict: no two of version, criterion and exchange give the same one. */
export function verdictKey(version: string, criterion: string, exchangeDigest: string): string {
  return digest([version, criterion, exchangeDigest]);
}

/**
 * Key of a rewrite; the verdict that the aligner is told is part of it, as a rewrite may follow its sentence scores.
 * @throws AlignSquadError `invalid-exchange`.
 */
export function rewriteKey(version: string, { exchange, criterion, candidate = 0, verdict }: AlignRequest): string {
  return digest([version, criterion, candidate, verdict ? verdictParts(verdict) : null, digestExchange(exchange)]);
}

function verdictParts({ status, misalignment, threshold, reason, spans }: Verdict): Json {
  const scores = spans?.map((span) => [span.start, span.end, span.misalignment]) ?? null;
  return [status, misalignment, threshold, reason ?? null, scores];
}

// JSON of arrays has one form, and lone surrogates are escaped in it.
function digest(parts: Json): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
