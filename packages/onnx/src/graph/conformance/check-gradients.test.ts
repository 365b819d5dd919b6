import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readModel } from '../read-model.js';
import { writeModel } from '../write-model.js';
import { checkGradients } from './check-gradients.js';
import { readReference } from './reference.js';

const folder = new URL('../../../fixtures/gradients/', import.meta.url);
const read = (path: string): Promise<Uint8Array> => readFile(new URL(path, folder));

test.each([
  ['an encoder exported by dynamo', 'autograd/bert-dyn.onnx', 'autograd/bert-dyn.safetensors'],
  ['a decoder whose tied weight was copied transposed', 'autograd/llama-ts.onnx', 'autograd/llama-ts.safetensors'],
  ['an encoder-decoder', 'autograd/t5-dyn.onnx', 'autograd/t5-dyn.safetensors'],
  ['a decoder with a KV cache, which stays empty', 'kv-cache/llama-dyn/onnx/model.onnx', 'kv-cache/llama-dyn/ref.safetensors'],
])('gradients of %s are those of PyTorch', async (_what, model, reference) => {
  const report = await checkGradients(await read(model), await read(reference));
  expect(report.parameters).toBeGreaterThan(10);
  expect(report.unmatched).toEqual([]);
  expect(report.gradientError).toBeLessThan(1e-4);
  expect(report.forwardError).toBeLessThan(1e-4);
  expect(report.int8Error).toBeLessThan(0.2);
});

test('a graph that computes something else is found out', async () => {
  const model = readModel(await read('autograd/bert-dyn.onnx'));
  const nodes = model.graph.nodes.map((node) => (node.operator === 'Tanh' ? { ...node, operator: 'Sigmoid' } : node));
  const changed = writeModel({ ...model, graph: { ...model.graph, nodes } });
  expect((await checkGradients(changed, await read('autograd/bert-dyn.safetensors'))).gradientError).toBeGreaterThan(0.01);
});

/** The reference of a fixture with one tensor filled. */
async function withTensor(path: string, name: string, value: number): Promise<Uint8Array> {
  const bytes = Uint8Array.from(await read(path));
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<string, { data_offsets: [number, number] }>;
  const [from = 0, to = 0] = header[name]?.data_offsets ?? [];
  for (let at = start + from; at < start + to; at += 4) new DataView(bytes.buffer).setFloat32(at, value, true);
  return bytes;
}

const path = 'kv-cache/llama-dyn/ref.safetensors';
const model = (): Promise<Uint8Array> => read('kv-cache/llama-dyn/onnx/model.onnx');

test('a gradient that is no number is the worst of all, and not passed over', async () => {
  const report = await checkGradients(await model(), await withTensor(path, 'g.model.norm.weight', Number.NaN));
  expect(report).toMatchObject({ worst: 'model.norm.weight', gradientError: Number.NaN });
});

test('a parameter that no weight holds is named when it has a gradient', async () => {
  expect([...readReference(await read(path)).keys()]).toContain('p.model.norm.weight');
  const report = await checkGradients(await model(), await withTensor(path, 'p.model.norm.weight', 77));
  expect(report.unmatched).toEqual(['model.norm.weight']);
});

test('an output that differs is an error of the forward pass alone', async () => {
  const report = await checkGradients(await model(), await withTensor(path, '__out', 0));
  expect(report.forwardError).toBeGreaterThan(0.1);
  expect(report.gradientError).toBeLessThan(1e-4);
});
