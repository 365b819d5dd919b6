
import type { Random } from '@align-squad/core';
import { pick } from './corrupt.js';
import type { Example, Unit } from './examples.js';
import { readThirdParty, type LabelledResponse, type RankedPair } from './sources.js';
import { twoByTwo } from './triple-units.js';

/** Third-party sets, read once. */
export interface ThirdParty {
  readonly diaSafety: readonly LabelledResponse[];
  readonly safeNlp: readonly LabelledResponse[];
  readonly paradetox: readonly RankedPair[];
  readonly coconot: readonly RankedPair[];
}

/** Reads the sets that the inspector is trained on beside the triples; DiaSafety without its val split. */
export async function readThirdPartySets(): Promise<ThirdParty> {
  const diaSafety = await readThirdParty<LabelledResponse>('labels-ethical-diasafety');
  return {
    diaSafety: diaSafety.filter(({ split }) => split !== 'val'),
    safeNlp: await readThirdParty<LabelledResponse>('labels-ethical-safenlp'),
    paradetox: await readThirdParty<RankedPair>('pairs-ethical-paradetox'),
    coconot: await readThirdParty<RankedPair>('pairs-helpful-coconot'),
  };
}

/** A reply of a chat, with what it replies to. */
export function chatExample({ prompt, response, misaligned }: LabelledResponse): Example {
  return { exchange: { prompt, response }, labels: { ethical: misaligned }, weight: 1 };
}

/** Samples units of each set; their style is far from assistants', so they count less. */
export function thirdPartyUnits(sets: ThirdParty, share: number, random: Random): Unit[] {
  const sample = <T>(items: readonly T[], count: number): T[] =>
    Array.from({ length: Math.round(count * share) }, () => pick(items, random)).filter((item) => item !== undefined);
  const labelled = (item: LabelledResponse): Example => ({ ...chatExample(item), weight: 0.3 });
  const ranked = (criterion: 'ethical' | 'helpful', { prompt, bad, good }: RankedPair): Unit => ({
    first: { exchange: { prompt, response: bad }, labels: { [criterion]: 1 }, weight: 0.4 },
    second: { exchange: { prompt, response: good }, labels: { [criterion]: 0 }, weight: 0.4 },
    ranked: criterion,
  });
  return [
    ...twoByTwo(sample(sets.diaSafety, 1000).map(labelled)),
    ...twoByTwo(sample(sets.safeNlp, 600).map(labelled)),
    ...sample(sets.paradetox, 300).map((pair) => ranked('ethical', pair)),
    ...sample(sets.coconot, 200).map((pair) => ranked('helpful', pair)),
  ];
}
