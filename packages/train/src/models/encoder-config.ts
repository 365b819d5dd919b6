import type { ExchangeTokenIds } from '@align-squad/inspector';

/** Shape of the shared encoder. */
export interface EncoderConfig {
  readonly vocabularySize: number;
  /** Width of the hidden state. */
  readonly width: number;
  readonly layers: number;
  readonly attentionHeads: number;
  readonly feedForwardWidth: number;
  readonly maxTokens: number;
  /** Rows of the hashed n-gram table; a power of two. */
  readonly ngramBuckets: number;
  /** Criteria in the order of the output heads. */
  readonly criteria: readonly string[];
  /** Criterion of each expert for another style of text; see `expertVerdicts`. @default [] */
  readonly experts?: readonly string[] | undefined;
  readonly specialIds: ExchangeTokenIds;
}
