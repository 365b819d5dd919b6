import { AlignSquadError, parseWith, type Exchange } from '@align-squad/core';
import { logisticProbability, trainLogisticRegression } from '@align-squad/train';
import { z } from 'zod';
import { criteriaOf, rowsOf, type TripleRecord } from '@align-squad/eval';
import { densePositions, ngramFeatures } from './features.js';

/** Options of `trainNgramBaseline`. */
export interface NgramBaselineOptions {
  /** Hash buckets of the n-grams, an integer from 1. @default 262144 */
  readonly buckets?: number | undefined;
  /** Passes over the rows, an integer from 1. @default 10 */
  readonly epochs?: number | undefined;
  /** AdaGrad's step size. @default 0.1 */
  readonly learningRate?: number | undefined;
  /** Weight decay. @default 0.003 */
  readonly l2?: number | undefined;
  /** Decides the order of the rows. @default 1 */
  readonly seed?: number | undefined;
}

interface ResolvedNgramBaselineOptions {
  readonly buckets: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly l2: number;
  readonly seed: number;
}

const optionsSchema: z.ZodType<ResolvedNgramBaselineOptions> = z.strictObject({
  buckets: z.int().min(1).max(2 ** 24).default(2 ** 18),
  epochs: z.int().min(1).default(10),
  learningRate: z.number().positive().default(0.1),
  l2: z.number().min(0).default(0.003),
  seed: z.int().default(1),
});

/** Bag-of-n-grams models, one a criterion: the bar that a trained pack has to clear. */
export interface NgramBaseline {
  /** Ids of the criteria that it was trained on. */
  readonly criteria: readonly string[];
  /**
   * P(misaligned) of an exchange, in [0, 1].
   * @throws AlignSquadError `unknown-criterion`.
   */
  score(exchange: Exchange, criterion: string): number;
}

/**
 * Trains one logistic regression over hashed n-grams for each criterion of the records, on the rows of `rowsOf`.
 * The same records and options give the same scores; 5,000 records take a few seconds and block the event loop.
 * @throws AlignSquadError `invalid-options`, or `invalid-dataset` when no record has a misaligned text.
 */
export function trainNgramBaseline(
  records: readonly TripleRecord[],
  options: NgramBaselineOptions = {},
): NgramBaseline {
  const { buckets, ...settings } = parseWith(optionsSchema, options, {
    what: 'options of the n-gram baseline',
    code: 'invalid-options',
  });
  const size = densePositions + buckets;
  const criteria = criteriaOf(records);
  if (criteria.length === 0) throw new AlignSquadError('Expected records with misaligned texts, got none.', { code: 'invalid-dataset' });
  const models = new Map(
    criteria.map((criterion) => {
      const examples = rowsOf(records, criterion).map((row) => ({
        vector: ngramFeatures(row.exchange, buckets),
        label: row.misaligned,
      }));
      return [criterion, trainLogisticRegression(examples, { ...settings, size })] as const;
    }),
  );
  return {
    criteria,
    score: (exchange, criterion) => {
      const weights = models.get(criterion);
      if (weights) return logisticProbability(weights, ngramFeatures(exchange, buckets));
      throw new AlignSquadError(`Expected a criterion of the baseline (${criteria.join(', ')}).`, {
        code: 'unknown-criterion',
      });
    },
  };
}
