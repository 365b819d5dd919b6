import { AlignSquadError, raceAbort, type Exchange, type Inspection, type Inspector } from '@align-squad/core';
import { isProbability } from '../contract/verdicts.js';

/** An exchange with the criteria that are to be decided for it. */
export interface OpenExchange {
  readonly exchange: Exchange;
  readonly criteria: readonly string[];
}

/** Verdicts of a link on one exchange, or why it gave none. */
export type LinkAnswer = { readonly verdicts: Inspection } | { readonly failure: unknown };

/**
 * Asks a link about exchanges: those with the same criteria together, in batches that it takes; one answer an exchange,
 * in order. Where it fails on a batch that is the answer, and the others are asked all the same.
 * Rejects with the signal's reason alone.
 */
export async function askLink(inspector: Inspector, open: readonly OpenExchange[], signal: AbortSignal | undefined): Promise<LinkAnswer[]> {
  const answers: LinkAnswer[] = [];
  const size = Math.max(1, Math.floor(inspector.abilities.maxBatchSize) || 1);
  for (const places of placesByCriteria(open).values()) {
    for (let start = 0; start < places.length; start += size) {
      const batch = places.slice(start, start + size);
      const answered = await inspectBatch(inspector, batch.flatMap((place) => open[place] ?? []), signal);
      batch.forEach((place, index) => {
        const answer = answered[index];
        if (answer) answers[place] = answer;
      });
    }
  }
  return answers;
}

function placesByCriteria(open: readonly OpenExchange[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [place, { criteria }] of open.entries()) {
    const key = criteria.join('\n');
    const group = groups.get(key) ?? [];
    group.push(place);
    groups.set(key, group);
  }
  return groups;
}

async function inspectBatch(inspector: Inspector, batch: readonly OpenExchange[], signal: AbortSignal | undefined): Promise<LinkAnswer[]> {
  const criteria = batch[0]?.criteria ?? [];
  try {
    const inspections = await raceAbort(inspector.inspect(batch.map(({ exchange }) => exchange), { criteria, signal }), signal);
    signal?.throwIfAborted();
    assertComplete(inspections, batch.length, criteria);
    return inspections.map((verdicts) => ({ verdicts }));
  } catch (failure) {
    if (signal?.aborted === true) throw signal.reason;
    return batch.map(() => ({ failure }));
  }
}

function assertComplete(inspections: readonly Inspection[], count: number, criteria: readonly string[]): void {
  const isVerdict = (inspection: Inspection, criterion: string): boolean => {
    const verdict = inspection[criterion];
    return verdict?.status === 'unknown' || ((verdict?.status === 'pass' || verdict?.status === 'flag') && isProbability(verdict.misalignment));
  };
  const isComplete = inspections.length === count && inspections.every((inspection) => criteria.every((criterion) => isVerdict(inspection, criterion)));
  if (isComplete) return;
  throw new AlignSquadError('An inspector of the cascade did not give one verdict an exchange and criterion.', { code: 'inspector-failed' });
}
