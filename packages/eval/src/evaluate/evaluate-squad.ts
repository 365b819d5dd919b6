import { parseWith } from '@align-squad/core';
import type { AlignResult, Squad } from '@align-squad/squad';
import { z } from 'zod';
import { labelOf, type EvaluationRow } from '../data/evaluation-rows.js';
import type { Interval } from '../metrics/bootstrap.js';
import type { Similarity } from '../metrics/sentences.js';
import { wilsonInterval } from '../metrics/wilson.js';
import { drawSamples, type SquadSample } from './draw-samples.js';
import { measureRewrite, summariseRewrites, type RewriteMeasures, type RewriteMetrics } from './measure-rewrite.js';
import { criteriaToMeasure } from './score-rows.js';
import { sliceRows, type Slice, type SliceName } from './slices.js';
import { summariseFixes, summariseKept, summariseLatency, type FixCounts, type KeepCounts, type LatencyMetrics } from './summarise-results.js';

/** Options of `evaluateSquad`. */
export interface EvaluateSquadOptions {
  /** Ids of the criteria that texts are aligned to; rows without a label of them take no part. @default all that the squad serves and the rows have a label of */
  readonly criteria?: readonly string[] | undefined;
  /** Misaligned texts to show before and after, drawn by the seed; they hold texts of the data. @default 0 */
  readonly samples?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** How much two sentences say the same, for `viewpointsKept`. @default tokenOverlap, the F1 of shared words */
  readonly similarity?: Similarity | undefined;
  /** Similarity from which a sentence still states what another one did, in [0, 1]. @default 0.5 */
  readonly similarityLevel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Misaligned texts: what became of them, and how much the rewrites kept. */
export interface FixEvaluation extends FixCounts {
  /** 95 % interval of `alignedShare` (Wilson). */
  readonly alignedShareInterval: Interval | null;
  readonly rewrites: RewriteMetrics;
}

/** Texts that were aligned to begin with: what became of them, and how much the rewrites kept. */
export interface KeepEvaluation extends KeepCounts {
  /** 95 % interval of `changedShare` (Wilson). */
  readonly changedShareInterval: Interval | null;
  readonly rewrites: RewriteMetrics;
}

/** The numbers of a part of the rows. */
export interface SquadSlice extends SliceName {
  readonly misaligned: FixEvaluation;
  readonly aligned: KeepEvaluation;
}

/** How good a squad is, as plain JSON. */
export interface SquadEvaluation {
  readonly schemaVersion: 1;
  /** The criteria that texts were aligned to. */
  readonly criteria: readonly string[];
  readonly misaligned: FixEvaluation;
  readonly aligned: KeepEvaluation;
  /** Of all texts, and of those that ended `clean` and `aligned`. */
  readonly latency: { readonly all: LatencyMetrics; readonly clean: LatencyMetrics; readonly aligned: LatencyMetrics };
  /** By criterion, length of the response, context and source. */
  readonly slices: readonly SquadSlice[];
  readonly samples: readonly SquadSample[];
}

/** How far an evaluation is; the last event is `end`. */
export type EvaluateSquadEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'end'; readonly evaluation: SquadEvaluation };

interface Options extends Omit<EvaluateSquadOptions, 'similarity'> {
  readonly similarity?: unknown;
}

const optionsSchema: z.ZodType<Options> = z.strictObject({
  criteria: z.array(z.string().min(1)).min(1).optional(),
  samples: z.int().min(0).optional(),
  seed: z.int().optional(),
  similarity: z.custom((value) => typeof value === 'function').optional(),
  similarityLevel: z.number().min(0).max(1).optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

/** One row with what the squad did. */
export interface SquadCase {
  readonly row: EvaluationRow;
  readonly isMisaligned: boolean;
  readonly result: AlignResult;
  /** Set where it ends `aligned`. */
  readonly rewrite?: RewriteMeasures | undefined;
}

/**
 * Measures a squad on labelled rows, each aligned to all criteria, one after the other, so that the times are those of one
 * caller. A text that could not be shown to pass is kept; what fails is an outcome.
 * @throws AlignSquadError `invalid-options`, `unknown-criterion`, `invalid-dataset` when no row is labelled for a criterion; the
 * signal's reason.
 */
export async function* evaluateSquad(
  squad: Pick<Squad, 'criteria' | 'align'>,
  rows: readonly EvaluationRow[],
  options: EvaluateSquadOptions = {},
): AsyncGenerator<EvaluateSquadEvent, void, undefined> {
  const { signal, similarityLevel: level, samples = 0, seed = 1, criteria: wanted } = parseWith(optionsSchema, options, { what: 'options of `evaluateSquad`', code: 'invalid-options' });
  const { similarity } = options;
  const criteria = criteriaToMeasure(squad.criteria, rows, wanted);
  const used = rows.filter((row) => criteria.some((criterion) => labelOf(row, criterion) !== undefined));
  const cases: SquadCase[] = [];
  yield { type: 'progress', done: 0, total: used.length };
  for (const row of used) {
    signal?.throwIfAborted();
    const result = await squad.align(row.exchange, { criteria, onUnfixed: 'keep', onError: 'keep', signal });
    const isMisaligned = criteria.some((criterion) => labelOf(row, criterion) === true);
    const rewrite = result.outcome === 'aligned' ? await measureRewrite(row, result, isMisaligned, { similarity, level }) : undefined;
    cases.push({ row, isMisaligned, result, rewrite });
    yield { type: 'progress', done: cases.length, total: used.length };
  }
  yield { type: 'end', evaluation: summarise(cases, criteria, drawSamples(cases, samples, seed)) };
}

function summarise(cases: readonly SquadCase[], criteria: readonly string[], samples: readonly SquadSample[]): SquadEvaluation {
  const results = cases.map(({ result }) => result);
  const ofOutcome = (outcome: AlignResult['outcome']): LatencyMetrics => summariseLatency(results.filter((result) => result.outcome === outcome));
  return {
    schemaVersion: 1,
    criteria,
    ...summarisePart(cases),
    latency: { all: summariseLatency(results), clean: ofOutcome('clean'), aligned: ofOutcome('aligned') },
    slices: [...sliceByCriterion(cases, criteria), ...sliceRows(cases)].map(({ by, name, items }) => ({ by, name, ...summarisePart(items) })),
    samples,
  };
}

function sliceByCriterion(cases: readonly SquadCase[], criteria: readonly string[]): Slice<SquadCase>[] {
  if (criteria.length < 2) return [];
  return criteria.map((criterion) => {
    const isOwn = ({ row, isMisaligned }: SquadCase): boolean => row.labels[criterion] === isMisaligned;
    return { by: 'criterion', name: criterion, items: cases.filter(isOwn) };
  });
}

function summarisePart(cases: readonly SquadCase[]): Pick<SquadEvaluation, 'misaligned' | 'aligned'> {
  const [bad, good] = [cases.filter(({ isMisaligned }) => isMisaligned), cases.filter(({ isMisaligned }) => !isMisaligned)];
  const fixes = summariseFixes(bad.map(({ result }) => result));
  const kept = summariseKept(good.map(({ result }) => result));
  const rewritesOf = (part: readonly SquadCase[]): RewriteMetrics => summariseRewrites(part.flatMap(({ rewrite }) => rewrite ?? []));
  return {
    misaligned: { ...fixes, alignedShareInterval: intervalOf(fixes.alignedShare, fixes.texts), rewrites: rewritesOf(bad) },
    aligned: { ...kept, changedShareInterval: intervalOf(kept.changedShare, kept.texts), rewrites: rewritesOf(good) },
  };
}

function intervalOf(share: number | null, texts: number): Interval | null {
  return share === null ? null : wilsonInterval(share, texts);
}
