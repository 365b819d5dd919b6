import { createSession, type OnnxSession, type Tensor } from '@align-squad/onnx';
import { GraphBuilder, writeModel, type Dimension, type ModelProto } from '@align-squad/onnx/graph';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '@align-squad/core';
import { disturb, encoderInputs, layOut, near, runModel, someTokens, tinyEncoder, weightInputs } from '../test-support.js';
import { buildInspector } from './inspector-encoder.js';
import { buildWideAndDeep } from './wide-and-deep.js';
import { frozenWeights, trainableWeights, type DeclareWeight, type Weights } from './weights.js';

const { specialIds } = tinyEncoder;
const random = createRandom(5);
const rows = [
  layOut(someTokens(random, 2), someTokens(random, 1), [someTokens(random, 2), someTokens(random, 2)]),
  layOut(someTokens(random, 1), [], [someTokens(random, 3)]),
];

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? Number.NaN))));
}

function toModel(build: typeof buildInspector, declare: (graph: GraphBuilder) => DeclareWeight, dims: readonly [Dimension, Dimension]): ModelProto {
  const graph = new GraphBuilder();
  const { logits, sentenceLogits } = build(graph, declare(graph), tinyEncoder, dims);
  return graph.model([logits, sentenceLogits], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits' });
}

describe.each([
  ['the exported encoder', buildInspector],
  ['the exported wide and deep inspector', buildWideAndDeep],
])('%s', (_, build) => {
  const weights: Weights = new Map();
  const trainable = (length: number): ModelProto => toModel(build, (graph) => trainableWeights(graph, weights, createRandom(1)), [2, length]);

  let session: OnnxSession;

  beforeAll(async () => {
    trainable(12);
    disturb(weights, 2);
    session = await createSession(writeModel(toModel(build, (graph) => frozenWeights(graph, weights), ['batch', 'sequence'])));
  });

  afterAll(() => session.dispose());

  async function score(inputs: Record<string, Tensor>): Promise<{ logits: number[]; sentences: number[] }> {
    const { logits, sentence_logits } = await session.run(inputs);
    return { logits: Array.from(logits?.data ?? [], Number), sentences: Array.from(sentence_logits?.data ?? [], Number) };
  }

  test('gives the logits of the training graph within 1e-5', async () => {
    const inputs = encoderInputs(rows, 12);
    const trained = await runModel(trainable(12), { ...inputs, ...weightInputs(weights) });
    const { logits, sentences } = await score(inputs);
    expect(logits).toHaveLength(4);
    expect(logits).toEqual(near(trained['logits'] ?? [], 1e-5));
    expect(sentences).toEqual(near(trained['sentence_logits'] ?? [], 1e-5));
  });

  test('gives rows of a batch the logits that they get alone within 1e-4', async () => {
    const alone = await Promise.all(rows.map((row) => score(encoderInputs([row], row.length))));
    const together = await score(encoderInputs(rows, 16));
    expect(together.logits).toEqual(near(alone.flatMap(({ logits }) => logits), 1e-4));
  });

  test('gives sentences of a padded row the logits that they get without padding within 1e-4', async () => {
    const [row = []] = rows;
    const alone = await score(encoderInputs([row], row.length));
    const padded = await score(encoderInputs([row], 16));
    expect(padded.sentences.slice(0, alone.sentences.length)).toEqual(near(alone.sentences, 1e-4));
  });

  test.each(['mask', 'sentence', 'separator'] as const)('does not read a %s token behind the attention mask', async (token) => {
    const [row = []] = rows;
    const padded = encoderInputs([row], 16);
    const { input_ids } = encoderInputs([[...row, specialIds[token], specialIds[token]]], 16);
    const [expected, hidden] = [await score(padded), await score({ ...padded, input_ids })];
    expect(hidden.logits).toEqual(near(expected.logits, 1e-4));
  });

  test('reads the same tokens in front of the attention mask', async () => {
    const [row = []] = rows;
    const [without, withMore] = [await score(encoderInputs([row], 16)), await score(encoderInputs([[...row, 5, 6]], 16))];
    expect(largestDifference(withMore.logits, without.logits)).toBeGreaterThan(1e-2);
  });

  test.each([
    ['prompt', 1],
    ['context', 4],
    ['response', 8],
  ])('tells apart responses that differ in a token of the %s', async (_, place) => {
    const [row = []] = rows;
    const other = row.map((id, at) => (at === place ? 27 : id));
    expect(other).not.toEqual(row);
    const [a, b] = [await score(encoderInputs([row], row.length)), await score(encoderInputs([other], row.length))];
    expect(largestDifference(a.logits, b.logits)).toBeGreaterThan(1e-2);
  });
});
