import type { Exchange, SpanScore } from '@align-squad/core';
import type { z } from 'zod';
import type { Judgement } from '../contract/verdicts.js';

/** What a checking function says: whether the response is right, P(misaligned) in [0, 1], or that with its stretches. */
export type CheckResult = boolean | number | Judgement;

/** Checks one exchange; `true` passes it. */
export type CheckFunction = (
  exchange: Exchange,
  options: { readonly signal: AbortSignal },
) => CheckResult | Promise<CheckResult>;

/** How a validator checks a response. */
export type ValidatorCheck =
  /** The response must match. */
  | { readonly matches: RegExp }
  /** The response must not match; the matches are the spans, the first 1000 of them. */
  | { readonly avoids: RegExp }
  /** The response must be JSON, without anything around it, that this schema takes. */
  | { readonly json: z.ZodType }
  | CheckFunction;

const mostSpans = 1000;

/** Runs a check. A regular expression keeps its `lastIndex`, whatever its flags. */
export async function runCheck(check: ValidatorCheck, exchange: Exchange, signal: AbortSignal): Promise<Judgement> {
  if (typeof check === 'function') return toJudgement(await check(exchange, { signal }));
  if ('matches' in check) return toJudgement(fresh(check.matches).test(exchange.response));
  if ('avoids' in check) return judgeMatches(exchange.response, check.avoids);
  return toJudgement(await isJsonOf(check.json, exchange.response));
}

function toJudgement(result: CheckResult): Judgement {
  if (typeof result === 'boolean') return { misalignment: result ? 0 : 1 };
  return typeof result === 'number' ? { misalignment: result } : result;
}

/** A copy that starts at the start of the text. */
function fresh({ source, flags }: RegExp, more = ''): RegExp {
  return new RegExp(source, flags.includes(more) ? flags : flags + more);
}

function judgeMatches(response: string, avoids: RegExp): Judgement {
  const spans: SpanScore[] = [];
  let isFound = false;
  for (const { 0: match, index } of response.matchAll(fresh(avoids, 'g'))) {
    isFound = true;
    // A span holds text, which a match need not.
    if (match.length > 0) spans.push({ start: index, end: index + match.length, misalignment: 1 });
    if (spans.length === mostSpans) break;
  }
  return isFound ? { misalignment: 1, ...(spans.length > 0 && { spans }) } : { misalignment: 0 };
}

async function isJsonOf(schema: z.ZodType, response: string): Promise<boolean> {
  let value: unknown;
  try {
    value = JSON.parse(response);
  } catch {
    return false;
  }
  return (await schema.safeParseAsync(value)).success;
}
