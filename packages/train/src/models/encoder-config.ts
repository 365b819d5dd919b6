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
  readonly specialIds: SpecialIds;
}

/** Ids of the tokens that lay out an exchange; all special ids come before the first text token. */
export interface SpecialIds {
  readonly pad: number;
  readonly start: number;
  readonly separator: number;
  readonly sentence: number;
  readonly mask: number;
  /** First id that stands for text. */
  readonly firstText: number;
}
