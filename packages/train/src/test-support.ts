import { expect } from 'vitest';
import { createSession, float32, int64, type Tensor } from '@align-squad/onnx';
import { writeModel, type ModelProto } from '@align-squad/onnx/graph';
import type { EncoderConfig } from './models/encoder-config.js';
import type { Weights } from './models/weights.js';
import { createRandom, type Random } from '@align-squad/core';

/** An encoder that trains in a second. */
export const tinyEncoder: EncoderConfig = {
  vocabularySize: 40,
  width: 16,
  layers: 1,
  attentionHeads: 2,
  feedForwardWidth: 32,
  maxTokens: 16,
  ngramBuckets: 64,
  criteria: ['ethical', 'factual'],
  specialIds: { pad: 0, start: 1, separator: 2, sentence: 3, mask: 4, firstText: 5 },
};

/** Token ids of an exchange: start, prompt, separator, context, separator, then a marker before each sentence. */
export function layOut(prompt: readonly number[], context: readonly number[], sentences: readonly (readonly number[])[]): number[] {
  const { start, separator, sentence } = tinyEncoder.specialIds;
  return [start, ...prompt, separator, ...context, separator, ...sentences.flatMap((tokens) => [sentence, ...tokens])];
}

/** `count` text tokens below the ids that mark a fault. */
export function someTokens(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => tinyEncoder.specialIds.firstText + random.integer(20));
}

/** Inputs of the encoder for rows of ids, padded to `length`. */
export function encoderInputs(rows: readonly (readonly number[])[], length: number): { input_ids: Tensor; attention_mask: Tensor } {
  const padded = rows.flatMap((row) => Array.from({ length }, (_, at) => row[at] ?? tinyEncoder.specialIds.pad));
  const mask = rows.flatMap((row) => Array.from({ length }, (_, at) => (at < row.length ? 1 : 0)));
  return { input_ids: int64(padded, [rows.length, length]), attention_mask: int64(mask, [rows.length, length]) };
}

// Tokens that make a response faulty by the first and by the second criterion.
const faults = [30, 31];

/**
 * A batch of `pairs` pairs for the inspector's loss: rows 2k have one fault, in their second sentence, rows 2k + 1 none.
 * 11 tokens a row.
 */
export function faultBatch(random: Random, pairs: number): Record<string, Tensor> {
  const length = 11;
  const labels: number[] = [];
  const sentenceLabels: number[] = [];
  const sentenceWeights: number[] = [];
  const rows = Array.from({ length: 2 * pairs }, (_, row) => {
    const isFaulty = row % 2 === 0;
    const criterion = random.integer(2);
    const second = [isFaulty ? (faults[criterion] ?? 0) : 29, ...someTokens(random, 1)];
    const verdict = [0, 1].map((index) => (isFaulty && index === criterion ? 1 : 0));
    labels.push(...verdict);
    for (let at = 0; at < length; at++) {
      sentenceLabels.push(...(at === 8 ? verdict : [0, 0]));
      sentenceWeights.push(...(at === 5 || at === 8 ? [1, 1] : [0, 0]));
    }
    return layOut(someTokens(random, 2), [], [someTokens(random, 2), second]);
  });
  const floats = (values: readonly number[], dims: readonly number[]): Tensor => float32(Float32Array.from(values), dims);
  return {
    ...encoderInputs(rows, length),
    labels: floats(labels, [2 * pairs, 2]),
    label_weights: floats(labels.map(() => 1), [2 * pairs, 2]),
    sentence_labels: floats(sentenceLabels, [2 * pairs, length, 2]),
    sentence_weights: floats(sentenceWeights, [2 * pairs, length, 2]),
    pair_weights: floats(Array.from({ length: pairs }, (_, pair) => [0, 1].map((index) => labels[4 * pair + index] ?? 0)).flat(), [pairs, 2]),
  };
}

/** The weights as tensors, for graphs whose weights are inputs. */
export function weightInputs(weights: Weights): Record<string, Tensor> {
  return Object.fromEntries([...weights].map(([name, { dims, data }]) => [name, float32(data, dims)]));
}

/** Runs a model once and returns the numbers of each output. */
export async function runModel(model: ModelProto, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, number[]>> {
  await using session = await createSession(writeModel(model));
  const results = await session.run(inputs);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, Array.from(data, Number)]));
}

/** Moves every weight away from its start, so that zeros and ones hide nothing. */
export function disturb(weights: Weights, seed: number): void {
  const random = createRandom(seed);
  for (const { data } of weights.values()) data.forEach((value, index) => (data[index] = value + 0.3 * random.normal()));
}

/** Matchers of numbers within `tolerance`. */
export function near(values: readonly number[], tolerance: number): number[] {
  return values.map((value) => expectClose(value, tolerance));
}

function expectClose(value: number, tolerance: number): number {
  return expect.closeTo(value, -Math.log10(2 * tolerance)) as number;
}
