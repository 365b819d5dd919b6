import { createRandom } from '@align-squad/core';
import { createSession, float32, type OnnxSession, type Tensor } from '@align-squad/onnx';
import { dataType, differentiate, GraphBuilder, importModel, writeModel, type ImportedModel, type ModelProto } from '@align-squad/onnx/graph';
import { describe, expect, test } from 'vitest';
import { near, runModel } from '../test-support.js';
import { buildEditTagger } from './edit-tagger.js';
import { buildEncoderClassifier } from './encoder-classifier.js';
import { buildEncoderDecoder } from './encoder-decoder.js';
import { buildLlamaDecoder } from './llama-decoder.js';
import { disturbed, emptyCache, idRows, openModel, someIds, tinyShape } from './test-support.js';

const random = createRandom(8);
const ids = idRows([someIds(random, 5), someIds(random, 5)]);
const mask = idRows([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]);
const positions = idRows([[0, 1, 2, 3, 4], [0, 1, 2, 3, 4]]);
const states = float32(Float32Array.from({ length: 2 * 5 * 24 }, () => random.normal()), [2, 5, 24]);
const labelled = { ...tinyShape, labels: 3 };
const pair = buildEncoderDecoder(tinyShape, createRandom(1));

const cases: Readonly<Record<string, readonly [ModelProto, Readonly<Record<string, Tensor>>]>> = {
  'a decoder': [buildLlamaDecoder(tinyShape, createRandom(1)), { input_ids: ids, attention_mask: mask, position_ids: positions }],
  'an encoder': [pair.encoder, { input_ids: ids, attention_mask: mask }],
  'the decoder of an encoder': [pair.decoder, { input_ids: ids, encoder_attention_mask: mask, encoder_hidden_states: states }],
  'an edit tagger': [buildEditTagger(labelled, createRandom(1)), { input_ids: ids, attention_mask: mask }],
  'a classifier': [buildEncoderClassifier(labelled, createRandom(1)), { input_ids: ids, attention_mask: mask }],
};

interface Training {
  readonly session: OnnxSession;
  readonly output: string;
  readonly loss: string;
  /** Output of the gradient by weight. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** A graph of the model at the shapes of `inputs`, with a loss of its output and the gradients of that. */
async function openTraining(model: ImportedModel, inputs: Readonly<Record<string, Tensor>>): Promise<Training> {
  const graph = new GraphBuilder();
  const typeOf = (tensor: Tensor): number => (tensor.type === 'int64' ? dataType.int64 : dataType.float32);
  const values = Object.entries(inputs).map(([name, tensor]) => [name, graph.input(name, typeOf(tensor), tensor.dims)]);
  const declare = (name: string, dims: readonly number[]): string => graph.input(name, dataType.float32, dims);
  const outputs = await model.append(graph, declare, Object.fromEntries(values) as Record<string, string>);
  const output = outputs['logits'] ?? outputs['last_hidden_state'] ?? '';
  const shares = graph.op('LogSoftmax', [output], { axis: -1 });
  const column = graph.slice(shares, -1, 0, 1);
  const loss = graph.neg(graph.mean(column, graph.shape(column).map((_, axis) => axis), 0));
  const gradients = differentiate(graph, loss, [...model.weights.keys()]);
  return { session: await createSession(writeModel(graph.model([output, loss, ...gradients.values()]))), output, loss, gradients };
}

describe.each(Object.entries(cases))('%s', (_, [built, inputs]) => {
  const model = disturbed(built, 2);
  const imported = importModel(model);

  test('gives in training what its file gives', async () => {
    const { session, output } = await openTraining(imported, inputs);
    const weights = Object.fromEntries([...imported.weights].map(([name, { dims, data }]) => [name, float32(data, dims)]));
    const { [output]: trained } = await session.run({ ...inputs, ...weights }, [output]);
    await session.dispose();
    await using file = await openModel(model);
    const results = await runModel(model, { ...inputs, ...emptyCache(file, 2) });
    expect(Array.from(trained?.data ?? [], Number)).toEqual(near(results['logits'] ?? results['last_hidden_state'] ?? [], 1e-4));
  });

  test('has a gradient for each of its weights, and they lead down', async () => {
    const { session, loss, gradients } = await openTraining(imported, inputs);
    expect([...gradients.keys()].sort()).toEqual(model.graph.initializers.map(({ name }) => name).filter((name) => /weight|bias/.test(name)).sort());
    const lossAt = async (step: number, along: ReadonlyMap<string, ArrayLike<number>>): Promise<Record<string, Tensor>> => {
      const moved = [...imported.weights].map(([name, { dims, data }]): [string, Tensor] => {
        const direction = along.get(name);
        return [name, float32(data.map((value, index) => value - step * Number(direction?.[index] ?? 0)), dims)];
      });
      return session.run({ ...inputs, ...Object.fromEntries(moved) });
    };
    const start = await lossAt(0, new Map());
    const direction = new Map([...gradients].map(([name, output]) => [name, (start[output]?.data ?? new Float32Array()) as Float32Array]));
    const square = [...direction.values()].reduce((sum, values) => sum + values.reduce((part, value) => part + value * value, 0), 0);
    // A step along the gradient changes the loss by its squared length times the step.
    const step = 2e-3 / Math.sqrt(square);
    const [ahead, behind] = [await lossAt(step, direction), await lossAt(-step, direction)];
    await session.dispose();
    const slope = (Number(behind[loss]?.data[0]) - Number(ahead[loss]?.data[0])) / (2 * step * square);
    expect(slope).toBeCloseTo(1, 1);
    expect(square).toBeGreaterThan(1e-6);
  });
});
