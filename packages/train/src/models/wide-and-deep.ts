import { dataType, type Dimension, type GraphBuilder } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './encoder-config.js';
import { exchangeFeatures, type ExchangeFeatures } from './exchange-features.js';
import { expertVerdicts, ngramHeadCount } from './experts.js';
import { buildInspector, type InspectorOutputs } from './inspector-encoder.js';
import { characterCountsName, charactersLength, denseFeatureCount, ngramColumns, ngramFeatures, type NgramFeatures } from './ngram-features.js';
import type { DeclareWeight } from './weights.js';

/** Inputs `input_ids` and `attention_mask`; outputs the n-gram features, for training the linear models on. */
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
 * Wide and deep (Cheng et al. 2016): what the encoder says of a response, what its n-grams say, and what is said of its
 * worst sentence, mixed with a weight a criterion; sentences likewise, of encoder and n-grams.
 * The halves are trained apart: together, the n-grams learn the training set by heart before the encoder learns anything.
 */
export function buildWideAndDeep(
  graph: GraphBuilder,
  weight: DeclareWeight,
  config: EncoderConfig,
  dims: readonly [Dimension, Dimension],
): InspectorOutputs {
  const deep = buildInspector(graph, weight, config, dims);
  const { ids, features } = deep;
  const ngrams = ngramFeatures(graph, weight, config, ids, features);
  const response = graph.unsqueeze(features.inSegment[2], [1]);
  const heads = config.criteria.length;
  const columns = ngramHeadCount(config);
  const counts = graph.op('Gather', [weight(characterCountsName, [config.vocabularySize, 1], { constant: 0 }), ids]);
  const wideColumns = graph.reshape(linearModel(graph, weight, config, { name: 'ngrams', heads: columns, ids, counts, ngrams, features, response, dense: ngrams.dense }), [0, columns]);
  const wide = graph.slice(wideColumns, 1, 0, heads);
  const sentences = { name: 'sentence_ngrams', heads, ids, counts, ngrams, features, response: features.sameSentence, dense: ngrams.sentenceDense } as const;
  const wideSentences = linearModel(graph, weight, config, sentences);
  const weighted = (name: string, value: string): string => graph.mul(value, weight(name, [heads], { constant: 0.5 }));
  const sentenceLogits = graph.add(weighted('sentence_mix.deep', deep.sentenceLogits), weighted('sentence_mix.wide', wideSentences));
  const halves = graph.add(weighted('mix.deep', deep.logits), weighted('mix.wide', wide));
  const worst = worstSentence(graph, config, ids, sentenceLogits);
  const summary = graph.op('Concat', [deep.summary, graph.reshape(ngrams.dense, [0, denseFeatureCount])], { axis: 1 });
  const mixed = graph.add(graph.add(halves, weighted('mix.sentence', worst)), weight('mix.bias', [heads], { constant: 0 }));
  return { ...deep, logits: expertVerdicts(graph, config, wideColumns, mixed), sentenceLogits, summary };
}

interface LinearRequest {
  /** Prefix of the weights' names. */
  readonly name: 'ngrams' | 'sentence_ngrams';
  readonly heads: number;
  readonly ids: string;
  /** Character n-grams of each token; float [batch, sequence, 1]. */
  readonly counts: string;
  readonly ngrams: NgramFeatures;
  readonly features: ExchangeFeatures;
  /** 1 on the tokens of the response that a row is about; float [batch, rows, sequence]. */
  readonly response: string;
  /** Float [batch, rows, dense features]. */
  readonly dense: string;
}

/** A linear model over n-grams and dense features: [batch, rows, heads]. Each part's vector has a fixed length. */
function linearModel(graph: GraphBuilder, weight: DeclareWeight, config: EncoderConfig, request: LinearRequest): string {
  const { name, heads, ngrams, features, response, dense } = request;
  const table = weight(`${name}.weight`, [config.ngramBuckets, heads], { constant: 0 });
  const prompt = graph.unsqueeze(features.inSegment[0], [1]);
  const column = (value: string, index: number): string => graph.slice(value, 2, index, index + 1);
  const parts = ngramColumns.map(({ part, length }, index) => {
    const counted = column(ngrams.counted, index);
    const rows = part === 'prompt' ? prompt : response;
    const scores = graph.mul(graph.op('Gather', [table, graph.reshape(column(ngrams.buckets, index), [0, -1])]), counted);
    const size = graph.op('Sqrt', [graph.op('Max', [graph.op('MatMul', [rows, counted]), graph.float(1)])]);
    return graph.mul(graph.div(graph.op('MatMul', [rows, scores]), size), graph.float(length));
  });
  const linear = graph.op('MatMul', [dense, weight(`${name}.dense`, [denseFeatureCount, heads], { constant: 0 })]);
  return [...parts, characterPart(graph, weight, config, request)].reduce((sum, part) => graph.add(sum, part), linear);
}

/** Character n-grams, whose weights are summed up a token: [batch, rows, heads]. */
function characterPart(graph: GraphBuilder, weight: DeclareWeight, { vocabularySize }: EncoderConfig, request: LinearRequest): string {
  const { name, heads, ids, counts, features, response } = request;
  const text = graph.unsqueeze(graph.mul(features.inSegment[2], features.isText), [2]);
  const scores = graph.mul(graph.op('Gather', [weight(`${name}.characters`, [vocabularySize, heads], { constant: 0 }), ids]), text);
  const size = graph.op('Sqrt', [graph.op('Max', [graph.op('MatMul', [response, graph.mul(counts, text)]), graph.float(1)])]);
  return graph.mul(graph.div(graph.op('MatMul', [response, scores]), size), graph.float(charactersLength));
}

/** The highest logit over the sentence markers: [batch, criteria]; 0 where there is no sentence. */
function worstSentence(graph: GraphBuilder, { specialIds }: EncoderConfig, ids: string, sentenceLogits: string): string {
  const isMarker = graph.cast(graph.op('Equal', [ids, graph.int(specialIds.sentence)]), dataType.float32);
  const hidden = graph.mul(graph.sub(graph.unsqueeze(isMarker, [2]), graph.float(1)), graph.float(1e4));
  const highest = graph.op('ReduceMax', [graph.add(sentenceLogits, hidden), graph.int([1])], { keepdims: 0 });
  return graph.mul(highest, graph.op('ReduceMax', [isMarker, graph.int([1])]));
}
