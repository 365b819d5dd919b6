import type { GraphBuilder } from '@align-squad/onnx/graph';
import { crossEntropy } from './cross-entropy.js';

/**
 * Loss of a decoder on what it is to write (paper, section 3.3: after [ALIGNED] only): logits [batch, sequence,
 * vocabulary] against the input `labels`, int64 [batch, sequence], the next token at each position, -100 where it does
 * not count.
 */
export function causalLoss(graph: GraphBuilder, logits: string): string {
  return crossEntropy(graph, logits);
}

/** Loss of an encoder-decoder: logits of the decoder [batch, target, vocabulary] against `labels` [batch, target]. */
export function sequenceToSequenceLoss(graph: GraphBuilder, logits: string): string {
  return crossEntropy(graph, logits);
}

/** Loss of a tagger: logits [batch, sequence, tags] against `labels` [batch, sequence], -100 where no tag stands. */
export function tokenTaggingLoss(graph: GraphBuilder, logits: string): string {
  return crossEntropy(graph, logits);
}
