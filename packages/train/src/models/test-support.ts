import { createRandom, type Random } from '@align-squad/core';
import { createSession, float32, int64, type OnnxSession, type Tensor } from '@align-squad/onnx';
import { writeModel, type ModelProto } from '@align-squad/onnx/graph';
import type { TransformerShape } from './transformer-shape.js';

/** Sizes of a transformer that runs in a millisecond; heads of size 6, two of them to a head of keys. */
export const tinyShape: TransformerShape = {
  vocabularySize: 30,
  width: 24,
  layers: 2,
  attentionHeads: 4,
  keyValueHeads: 2,
  feedForwardWidth: 40,
  maxTokens: 64,
};

/** Rows of ids of one length as a tensor [rows, length]. */
export function idRows(rows: readonly (readonly number[])[]): Tensor {
  return int64(rows.flat(), [rows.length, rows[0]?.length ?? 0]);
}

/** Ids of text, as many as asked for. */
export function someIds(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => 1 + random.integer(tinyShape.vocabularySize - 1));
}

/** The model with every weight moved far from its start, so that no part of it hides behind small numbers. */
export function disturbed(model: ModelProto, seed: number): ModelProto {
  const random = createRandom(seed);
  const initializers = model.graph.initializers.map((tensor) => {
    if (!/weight|bias/.test(tensor.name) || !tensor.bytes) return tensor;
    const values = new Float32Array(tensor.bytes.slice().buffer).map((value) => value + 0.3 * random.normal());
    return { ...tensor, bytes: new Uint8Array(values.buffer) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** Opens a model. */
export function openModel(model: ModelProto): Promise<OnnxSession> {
  return createSession(writeModel(model));
}

/** Empty keys and values for the inputs of a decoder that have that name, for `rows` rows. */
export function emptyCache(session: OnnxSession, rows: number): Record<string, Tensor> {
  const headSize = tinyShape.width / tinyShape.attentionHeads;
  const empty = float32(new Float32Array(0), [rows, tinyShape.keyValueHeads ?? 0, 0, headSize]);
  return Object.fromEntries(session.inputNames.filter((name) => name.startsWith('past_key_values.')).map((name) => [name, empty]));
}

/** The cache that a pass gives, as inputs of the next one. */
export function nextCache(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, tensor]) => (name.startsWith('present') ? [[name.replace('present', 'past_key_values'), tensor]] : [])),
  );
}

/** Numbers of a row at one position: values [rows, positions, width]. */
export function at(values: Tensor | undefined, row: number, position: number): number[] {
  const [, positions = 0, width = 0] = values?.dims ?? [];
  const from = (row * positions + position) * width;
  return Array.from(values?.data ?? [], Number).slice(from, from + width);
}

/** Names of a model's weights, and how many values they have in all. */
export function weightsOf(model: ModelProto): { readonly names: readonly string[]; readonly values: number } {
  const weights = model.graph.initializers.filter(({ name }) => /weight|bias/.test(name));
  return {
    names: weights.map(({ name }) => name),
    values: weights.reduce((sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1), 0),
  };
}
