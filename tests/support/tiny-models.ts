import { exchangeTokenIds } from '@align-squad/inspector';
import type { TextTokenizer } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import {
  buildTextEmbedder,
  buildWideAndDeep,
  createRandom,
  frozenWeights,
  trainableWeights,
  type DeclareWeight,
  type EncoderConfig,
  type Weights,
} from '@align-squad/train';
import { faultyWord } from './tiny-vocabulary.js';

/** Criteria of the tiny pack in the order of its heads. */
export const tinyCriteria = ['ethical', 'factual', 'helpful'] as const;

/** Width of the tiny pack's embeddings. */
export const tinyWidth = 32;

const wordLogit = 80;
// The hash of `ngram-features.ts` for a token alone, of which the response is segment 2.
const responseStart = 3;
const multiplier = 1_000_003;
const prime = 2_147_483_647;

/** An inspector with random weights but for one word a criterion, which makes the sentence that holds it misaligned. */
export function tinyInspector(tokenizer: TextTokenizer): Uint8Array {
  const config: EncoderConfig = {
    vocabularySize: tokenizer.vocabularySize,
    width: 16,
    layers: 1,
    attentionHeads: 2,
    feedForwardWidth: 16,
    maxTokens: 256,
    ngramBuckets: 65_536,
    criteria: tinyCriteria,
    specialIds: exchangeTokenIds((token) => tokenizer.tokenId(token)),
  };
  const weights = startWeights((graph, weight) => buildWideAndDeep(graph, weight, config, [1, 8]));
  const tables = ['ngrams.weight', 'sentence_ngrams.weight'].map((name) => weights.get(name)?.data);
  tinyCriteria.forEach((criterion, head) => {
    const [id = 0] = tokenizer.encode(faultyWord[criterion]);
    const bucket = ((responseStart * multiplier + id + 1) % prime) % config.ngramBuckets;
    const at = bucket * tinyCriteria.length + head;
    for (const table of tables) table?.fill(wordLogit, at, at + 1);
  });
  const graph = new GraphBuilder();
  const { logits, sentenceLogits } = buildWideAndDeep(graph, frozenWeights(graph, weights), config, ['batch', 'sequence']);
  return writeModel(graph.model([logits, sentenceLogits], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits' }));
}

/** An embedder with random weights: texts are as near as the words that they share. */
export function tinyEmbedder(tokenizer: TextTokenizer): Uint8Array {
  const shape = { vocabularySize: tokenizer.vocabularySize, width: tinyWidth };
  const weights = startWeights((graph, weight) => buildTextEmbedder(graph, weight, shape, [1, 8]));
  const graph = new GraphBuilder();
  const embedding = buildTextEmbedder(graph, frozenWeights(graph, weights), shape, ['batch', 'sequence']);
  return writeModel(graph.model([embedding], { [embedding]: 'embedding' }));
}

function startWeights(build: (graph: GraphBuilder, weight: DeclareWeight) => unknown): Weights {
  const weights: Weights = new Map();
  const graph = new GraphBuilder();
  build(graph, trainableWeights(graph, weights, createRandom(3)));
  return weights;
}
