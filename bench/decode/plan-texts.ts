import { createRandom, type Random } from '@align-squad/core';

/** What is decoded in one scenario, in tokens. */
export interface PlannedTexts {
  readonly prompt: readonly number[];
  /** The end of the prompt: what a rewrite would copy. */
  readonly source: readonly number[];
  /** What the model is made to continue the prompt with. */
  readonly target: readonly number[];
  /** Share of target tokens that were copied from the source. */
  readonly copied: number;
}

/** Sizes of a scenario. */
export interface PlanSizes {
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Tokens that stand for words, from the first to before the last. */
  readonly words: readonly [number, number];
}

const meanEdit = 2.5;

/**
 * Plans a rewrite that copies about `share` of its tokens: runs of copied tokens of geometric length take turns with edits of 2.5
 * tokens on average, of which three in five replace as many tokens, one in five others and one in five none. 0 copies nothing.
 */
export function planTexts(share: number, { promptTokens, newTokens, words }: PlanSizes, seed: number): PlannedTexts {
  const random = createRandom(seed);
  const word = (): number => words[0] + random.integer(words[1] - words[0]);
  const pool = Array.from({ length: 2 * newTokens }, word);
  const target: number[] = [];
  let read = 0;
  let copied = 0;
  const put = (id: number): boolean => target.length < newTokens && target.push(id) > 0;
  while (target.length < newTokens) {
    const run = share === 0 ? 0 : geometric(random, (meanEdit * share) / (1 - share));
    for (let left = run; left > 0 && put(pool[read] ?? 0); left--) {
      read += 1;
      copied += 1;
    }
    const edit = geometric(random, meanEdit);
    for (let left = edit; left > 0 && put(word()); left--);
    const kind = random.next();
    if (kind < 0.6) read += edit;
    else if (kind < 0.8) read += geometric(random, meanEdit);
  }
  const source = pool.slice(0, Math.min(Math.max(read, newTokens / 2), promptTokens / 2));
  const lead = Array.from({ length: promptTokens - source.length }, word);
  return { prompt: [...lead, ...source], source, target, copied: copied / target.length };
}

function geometric(random: Random, mean: number): number {
  return Math.max(1, Math.round(-Math.log(1 - random.next()) * mean));
}
