import { dataType, type Dimension, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import { exchangeFeatures } from './exchange-features.js';
import { buildInspector, type InspectorOutputs } from './inspector-encoder.js';
import { denseFeatureCount, ngramFeatures, type NgramFeatures } from './ngram-features.js';
import type { DeclareWeight } from './weights.js';

/** The wide half alone: a linear model over n-grams of token ids, a column a criterion. */
export interface WideOutputs {
  readonly features: NgramFeatures;
  /** [batch, criteria]. */
  readonly logits: string;
  /** [batch, sequence, criteria]; the n-grams of the sentence that a position is in. */
  readonly sentenceLogits: string;
}

/** Inputs `input_ids` and `attention_mask`; outputs the n-gram features, for training the linear model on. */
export function buildNgramFeatures(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [Dimension, Dimension],
): NgramFeatures {
  const ids = graph.input('input_ids', dataType.int64, dims);
  const mask = graph.input('attention_mask', dataType.int64, dims);
  return ngramFeatures(graph, weight, config, ids, exchangeFeatures(graph, config, ids, mask));
}

/**
 * Wide and deep (Cheng et al. 2016): the logits of the encoder and of the n-grams, mixed with a weight a criterion.
 * The halves are trained apart: together, the n-grams learn the training set by heart before the encoder learns anything.
 */
export function buildWideAndDeep(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [Dimension, Dimension],
): InspectorOutputs {
  const deep = buildInspector(graph, weight, config, dims);
  const wide = wideLogits(graph, weight, config, deep);
  const heads = [config.criteria.length];
  const mix = (name: string, first: string, second: string): string => {
    const share = (half: string): string => weight(`${name}.${half}`, heads, { constant: 0.5 });
    return graph.add(graph.mul(first, share('deep')), graph.mul(second, share('wide')));
  };
  return {
    ...deep,
    logits: mix('mix', deep.logits, wide.logits),
    sentenceLogits: mix('sentence_mix', deep.sentenceLogits, wide.sentenceLogits),
  };
}

function wideLogits(graph: GraphBuilder, weight: DeclareWeight, config: EncoderConfig, { ids, features }: InspectorOutputs): WideOutputs {
  const heads = config.criteria.length;
  const ngrams = ngramFeatures(graph, weight, config, ids, features);
  const table = weight('ngrams.weight', [config.ngramBuckets, heads], { constant: 0 });
  const scores = graph.mul(graph.op('Gather', [table, ngrams.buckets]), graph.unsqueeze(ngrams.shares, [3]));
  const tokenScores = graph.sum(scores, [2], 0);
  const dense = graph.op('MatMul', [ngrams.dense, weight('ngrams.dense', [denseFeatureCount, heads], { constant: 0 })]);
  const logits = graph.add(graph.sum(tokenScores, [1], 0), dense);
  return { features: ngrams, logits, sentenceLogits: graph.op('MatMul', [sentenceShares(graph, features), tokenScores]) };
}

/** Row i sums the tokens of i's sentence, as if the response were that sentence alone: sqrt(response / sentence). */
function sentenceShares(graph: GraphBuilder, features: InspectorOutputs['features']): string {
  const sentenceSize = graph.op('Max', [graph.sum(features.sameSentence, [2]), graph.float(1)]);
  const responseSize = graph.op('Max', [graph.unsqueeze(graph.sum(features.inSegment[2], [1]), [2]), graph.float(1)]);
  return graph.mul(features.sameSentence, graph.op('Sqrt', [graph.div(responseSize, sentenceSize)]));
}
