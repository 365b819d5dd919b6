import { createRandom, type Random } from '@align-squad/core';
import { trainPack, type AlignerShape } from '@align-squad/train';

/** A misaligned text of the toy language and what becomes of it. */
export interface Rewrite {
  readonly response: string;
  readonly correction: string;
}

/** Fine-tunes of the base, each with a rule of its own. */
export const ruleCount = 8;

const syllables = ['ba', 'de', 'fi', 'go', 'hu', 'ka', 'le', 'mi', 'no', 'pu', 'ra', 'se', 'ti', 'vo', 'zu'];
const words = syllables.flatMap((first) => syllables.slice(0, 6).map((second) => first + second));
const shape: AlignerShape = { vocabularySize: 512, width: 128, layers: 4 };

/** Rule 0 is that of the base. A rule replaces every ninth word, another ninth for each rule, by the word that follows it. */
function mend(word: string, rule: number): string {
  const at = words.indexOf(word);
  return at % (ruleCount + 1) === rule ? (words[(at + 1) % words.length] ?? word) : word;
}

function makeRewrite(random: Random, rule: number): Rewrite {
  const chosen = Array.from({ length: 5 + random.integer(8) }, () => words[random.integer(words.length)] ?? '');
  return { response: chosen.join(' '), correction: chosen.map((word) => mend(word, rule)).join(' ') };
}

/** Texts of a rule; another seed gives other texts. */
export function makeRewrites(count: number, rule: number, seed: number): Rewrite[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => makeRewrite(random, rule));
}

/** Trains the base from scratch. */
export async function trainBase(out: string): Promise<void> {
  const settings = { devShare: 0.02, epochs: 9, batchTokens: 640, learningRate: 2e-3 };
  await trainPack({ task: 'aligner', criteria: [{ id: 'rule-0' }], out, ...settings, aligner: { design: 'decoder', maxTokens: 128, shape } }, { records: makeRewrites(4000, 0, 1) });
}

/** Fine-tunes the base to another rule, all of its weights. */
export async function fineTune(base: string, rule: number, out: string): Promise<void> {
  const settings = { method: 'full', devShare: 0.02, epochs: 4, batchTokens: 640, learningRate: 1e-3 } as const;
  await trainPack({ task: 'aligner', criteria: [{ id: `rule-${rule}` }], base, out, ...settings }, { records: makeRewrites(1000, rule, 100 + rule) });
}
