/** What a training says of its progress; a whole task ends with `pack-end`. */
export type TrainEvent =
  | { readonly type: 'stage-start'; readonly stage: string }
  | { readonly type: 'stage-end'; readonly stage: string; readonly seconds: number }
  | {
      readonly type: 'records';
      /** Records that are trained on. */
      readonly training: number;
      readonly held: number;
      /** Left out of both: too long for the model, or nothing for it to learn from. */
      readonly skipped: number;
      /** Of both, those of which the model sees only the beginning. */
      readonly cut: number;
      /** Line numbers of the first ten that were skipped or cut among those to train on. */
      readonly lines: readonly number[];
    }
  | {
      readonly type: 'train-start';
      /** Updates in all, as far as that is known before the batches of later epochs are made. */
      readonly steps: number;
      /** Values that are trained. */
      readonly parameters: number;
      readonly resumedFromStep?: number | undefined;
    }
  | {
      readonly type: 'step-end';
      readonly step: number;
      readonly steps: number;
      readonly epoch: number;
      /** Mean loss of the update's batches, before the update. */
      readonly loss: number;
      readonly learningRate: number;
      /** Before clipping. */
      readonly gradientNorm: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly type: 'evaluation-end';
      readonly step: number;
      /** Higher is better. */
      readonly score: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly isBest: boolean;
    }
  | { readonly type: 'checkpoint-end'; readonly step: number }
  | {
      readonly type: 'train-end';
      readonly reason: 'completed' | 'early-stopping';
      readonly step: number;
      readonly bestScore?: number | undefined;
      readonly bestStep?: number | undefined;
      readonly seconds: number;
    }
  | { readonly type: 'pack-end'; readonly directory: string; readonly metrics: Readonly<Record<string, number>> };
