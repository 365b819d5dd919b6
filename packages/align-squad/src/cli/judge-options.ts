import { builtInCriteria, createRandom, criterionSchema, parseWith, type Criterion } from '@align-squad/core';
import type { ResponsePair } from '@align-squad/eval';
import { basename } from 'node:path';
import { readJudgeData } from './judge-data.js';
import { invalidOption, numberOption, readJsonOption, requiredOption } from './option-values.js';

/** Options of `judge export` and `judge run` that say what is compared: texts, not yet checked. */
export interface RawJudgeDataOptions {
  readonly data?: string | undefined;
  readonly exchanges?: string | undefined;
  readonly criterion?: readonly string[] | undefined;
  readonly sample?: string | undefined;
  readonly seed?: string | undefined;
}

/** What is compared. */
export interface JudgeSubject {
  readonly pairs: readonly ResponsePair[];
  readonly leftOut: number;
  readonly criteria: readonly Criterion[];
  readonly seed: number;
}

/**
 * Reads what is compared; `--sample` draws pairs whose texts differ, and keeps all others, which nobody is asked about.
 * @throws AlignSquadError `invalid-options`, `invalid-criterion`, or `invalid-dataset` naming the line.
 */
export async function readJudgeSubject(raw: RawJudgeDataOptions): Promise<JudgeSubject> {
  const data = requiredOption(raw.data, '--data FILE');
  const seed = wholeOption('--seed', raw.seed, 0) ?? 1;
  const sample = wholeOption('--sample', raw.sample, 1);
  const own = await Promise.all((raw.criterion ?? []).map(readCriterion));
  const { pairs, leftOut } = await readJudgeData(data, raw.exchanges);
  // Those of files come last, so that they win over built-in ones of their id.
  return { pairs: samplePairs(pairs, sample, seed), leftOut, criteria: [...Object.values(builtInCriteria), ...own], seed };
}

function samplePairs(pairs: readonly ResponsePair[], sample: number | undefined, seed: number): readonly ResponsePair[] {
  if (sample === undefined) return pairs;
  const differing = pairs.filter(({ original, aligned }) => original !== aligned);
  const drawn = new Set(createRandom(seed).shuffle([...differing]).slice(0, sample));
  return pairs.filter((pair) => pair.original === pair.aligned || drawn.has(pair));
}

async function readCriterion(path: string): Promise<Criterion> {
  return parseWith(criterionSchema, await readJsonOption(path, '--criterion'), { what: `the file ${basename(path)} to be a criterion`, code: 'invalid-criterion' });
}

function wholeOption(option: string, value: string | undefined, least: number): number | undefined {
  const number = numberOption(option, value);
  if (number === undefined || (Number.isSafeInteger(number) && number >= least)) return number;
  throw invalidOption(`Expected \`${option}\` to be a whole number from ${least}.`);
}
