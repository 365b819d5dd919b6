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
const keptWeight = 0.15;

/** The rewrites that pass the criterion and break no other, best first: least misaligned over all criteria, most kept. */
export async function rankRewrites(request: RankRequest): Promise<string[]> {
  const { exchange, criterion, rewrites, inspector, signal } = request;
  const inspections = await inspector.inspect([exchange, ...rewrites.map((response) => ({ ...exchange, response }))], { signal });
  const [before, ...after] = inspections;
  return rewrites
    .flatMap((text, index) => {
      const inspection = after[index];
      if (!before || !inspection || !isBetter(before, inspection, criterion)) return [];
      const badness = Object.values(inspection).reduce((sum, verdict) => sum + (verdict.status === 'unknown' ? 0 : verdict.misalignment), 0);
      return [{ text, cost: badness - keptWeight * sharedShare(exchange.response, text) }];
    })
    .sort((a, b) => a.cost - b.cost)
    .map(({ text }) => text);
}

function isBetter(before: Inspection, after: Inspection, criterion: string): boolean {
  return Object.entries(after).every(([id, verdict]) =>
    id === criterion ? verdict.status === 'pass' : verdict.status !== 'flag' || before[id]?.status === 'flag');
}

/** Share of the original's words that the rewrite has too, in [0, 1]. */
function sharedShare(original: string, rewrite: string): number {
  const words = original.split(/\s+/);
  const known = new Set(rewrite.split(/\s+/));
  return words.filter((word) => known.has(word)).length / words.length;
}
