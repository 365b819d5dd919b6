import type { Batch } from './training-step.js';

/** A batch that says what it was made from. */
export interface TrainBatch<Shape> extends Batch<Shape> {
  /** Tokens without padding. */
  readonly tokens: number;
  /** Line numbers of its records, for messages. */
  readonly records: readonly number[];
}
