import type { Exchange, Inspection, Inspector } from '@align-squad/core';

/** How rewrites are judged. */
export interface RankRequest {
  readonly exchange: Exchange;
  readonly criterion: string;
  readonly rewrites: readonly string[];
  readonly inspector: Inspector;
  readonly signal?: AbortSignal | undefined;
}

// How much of a kept text weighs against P(misaligned): rewriting everything must gain this much.
const keptWeight = 0.5;

/**
 * The rewrites that pass the criterion, best first: those that break no other criterion, then least misaligned over all
 * criteria, most kept. What breaks another one is not dropped: the caller may not hold the text to that criterion.
 */
export async function rankRewrites(request: RankRequest): Promise<string[]> {
  const { exchange, criterion, rewrites, inspector, signal } = request;
  const exchanges = [exchange, ...rewrites.map((response) => ({ ...exchange, response }))];
  const [before, ...after] = await inspectInBatches(inspector, exchanges, signal);
  return rewrites
    .flatMap((text, index) => {
      const inspection = after[index];
      if (!before || inspection?.[criterion]?.status !== 'pass') return [];
      const badness = Object.values(inspection).reduce((sum, verdict) => sum + (verdict.status === 'unknown' ? 0 : verdict.misalignment), 0);
      const cost = badness - keptWeight * sharedShare(exchange.response, text);
      return [{ text, breaks: breaksAnother(before, inspection) ? 1 : 0, cost }];
    })
    .sort((a, b) => a.breaks - b.breaks || a.cost - b.cost)
    .map(({ text }) => text);
}

async function inspectInBatches(inspector: Inspector, exchanges: readonly Exchange[], signal: AbortSignal | undefined): Promise<Inspection[]> {
  const size = Math.max(1, Math.floor(inspector.abilities.maxBatchSize));
  const inspections: Inspection[] = [];
  for (let start = 0; start < exchanges.length; start += size) {
    inspections.push(...(await inspector.inspect(exchanges.slice(start, start + size), { signal })));
  }
  return inspections;
}

// What was not judged counts as no better than a flag.
function breaksAnother(before: Inspection, after: Inspection): boolean {
  return Object.entries(after).some(([id, { status }]) => status !== 'pass' && status !== before[id]?.status);
}

/** Share of the original's words that the rewrite has too, in [0, 1]. */
function sharedShare(original: string, rewrite: string): number {
  const words = original.split(/\s+/);
  const known = new Set(rewrite.split(/\s+/));
  return words.filter((word) => known.has(word)).length / words.length;
}
