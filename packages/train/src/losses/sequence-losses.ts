import type { GraphBuilder } from '@align-squad/onnx/graph';
import { crossEntropy } from './cross-entropy.js';

/** Options of `tokenTaggingLoss`. */
export interface TokenTaggingOptions {
  /** How much each class counts, where some are rare. @default 1 each */
  readonly classWeights?: readonly number[] | undefined;
}

/**
 * Loss of a decoder on what it is to write (paper, section 3.3: after [ALIGNED] only), a scalar: logits [batch, sequence,
 * vocabulary] against the inputs `labels`, int64 [batch, sequence], the next token at each position, -100 where it does
 * not count, and `label_weights`, float of the same shape.
 */
export function causalLoss(graph: GraphBuilder, logits: string): string {
  return crossEntropy(graph, logits);
}

/** As `causalLoss`, of the logits of an encoder-decoder's decoder: [batch, target, vocabulary], with inputs [batch, target]. */
export function sequenceToSequenceLoss(graph: GraphBuilder, logits: string): string {
  return crossEntropy(graph, logits);
}

/**
 * Loss of a tagger, a scalar: logits [batch, sequence, tags] against the inputs `labels`, int64 [batch, sequence], a tag
 * at the first token of each word and -100 elsewhere, and `label_weights`, float of the same shape.
 */
export function tokenTaggingLoss(graph: GraphBuilder, logits: string, { classWeights }: TokenTaggingOptions = {}): string {
  return crossEntropy(graph, logits, classWeights);
}
