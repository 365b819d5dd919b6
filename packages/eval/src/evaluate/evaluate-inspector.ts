import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { EvaluationRow } from '../data/evaluation-rows.js';
import { scoreCurves, type ScoreCurves } from './score-curves.js';
import { scoreRows, type EvaluatedInspector, type ScoredEvaluationRow, type ScoreRowsOptions } from './score-rows.js';
import { sliceRows, type SliceName } from './slices.js';
import { summariseScores, type ScoreMetrics } from './summarise-scores.js';

/** Options of `evaluateInspector`. */
export interface EvaluateInspectorOptions extends ScoreRowsOptions {
  /** Bins of the reliability plot and the calibration error, from 1. @default 10 */
  readonly bins?: number | undefined;
  /** Resamples of the bootstrap, from 1. @default 1000 */
  readonly bootstrapSamples?: number | undefined;
  /** Of the bootstrap. @default 1 */
  readonly seed?: number | undefined;
}

/** The numbers of a part of the rows of one criterion. */
export interface ScoreSlice extends SliceName, Omit<ScoreMetrics, 'aurocInterval' | 'threshold'> {}

/** How good an inspector is at one criterion, with what its plots are drawn from. */
export interface CriterionEvaluation extends ScoreMetrics, ScoreCurves {
  /** By length of the response, context and source. */
  readonly slices: readonly ScoreSlice[];
}

/** How good an inspector is, as plain JSON. */
export interface InspectorEvaluation {
  readonly schemaVersion: 1;
  /** The inspector's own version. */
  readonly version: string;
  /** Rows that are labelled for one of the criteria. */
  readonly rows: number;
  /** By criterion. */
  readonly criteria: Readonly<Record<string, CriterionEvaluation>>;
}

/** How far an evaluation is; the last event is `end`. */
export type EvaluateInspectorEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'end'; readonly evaluation: InspectorEvaluation };

const optionsSchema: z.ZodType<EvaluateInspectorOptions> = z.strictObject({
  criteria: z.array(z.string().min(1)).min(1).optional(),
  batchSize: z.int().min(1).optional(),
  bins: z.int().min(1).optional(),
  bootstrapSamples: z.int().min(1).optional(),
  seed: z.int().optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

/**
 * Measures an inspector on labelled rows, each judged under the criteria that it is labelled for. What the inspector rejects with
 * ends the evaluation; a verdict `unknown` counts as `unjudged`.
 * @throws AlignSquadError `invalid-options`, `unknown-criterion`, `invalid-dataset` when no row is labelled for a criterion; the
 * signal's reason.
 */
export async function* evaluateInspector(
  inspector: EvaluatedInspector,
  rows: readonly EvaluationRow[],
  options: EvaluateInspectorOptions = {},
): AsyncGenerator<EvaluateInspectorEvent, void, undefined> {
  const { criteria, batchSize, signal, ...settings } = parseWith(optionsSchema, options, { what: 'options of `evaluateInspector`', code: 'invalid-options' });
  for await (const event of scoreRows(inspector, rows, { criteria, batchSize, signal })) {
    if (event.type === 'progress') yield event;
    else {
      const measured = Object.entries(event.scored).map(([criterion, scored]) => [criterion, evaluateCriterion(scored, settings)] as const);
      yield { type: 'end', evaluation: { schemaVersion: 1, version: inspector.version, rows: event.rows, criteria: Object.fromEntries(measured) } };
    }
  }
}

function evaluateCriterion(scored: readonly ScoredEvaluationRow[], { bins, bootstrapSamples: samples, seed }: Omit<EvaluateInspectorOptions, keyof ScoreRowsOptions>): CriterionEvaluation {
  return {
    ...summariseScores(scored, { bins, samples, seed }),
    ...scoreCurves(scored, bins),
    slices: sliceRows(scored).map(({ by, name, items }) => {
      const { aurocInterval: _interval, threshold: _threshold, ...metrics } = summariseScores(items, { bins, samples: 1, seed });
      return { by, name, ...metrics };
    }),
  };
}
