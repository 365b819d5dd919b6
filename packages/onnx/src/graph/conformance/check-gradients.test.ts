import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readModel } from '../read-model.js';
import { writeModel } from '../write-model.js';
import { checkGradients } from './check-gradients.js';

const folder = new URL('../../../fixtures/gradients/', import.meta.url);
const read = (path: string): Promise<Uint8Array> => readFile(new URL(path, folder));

test.each([
  ['an encoder exported by dynamo', 'autograd/bert-dyn.onnx', 'autograd/bert-dyn.safetensors'],
  ['a decoder whose tied weight was copied transposed', 'autograd/llama-ts.onnx', 'autograd/llama-ts.safetensors'],
  ['an encoder-decoder', 'autograd/t5-dyn.onnx', 'autograd/t5-dyn.safetensors'],
])('gradients of %s are those of PyTorch', async (_what, model, reference) => {
  const report = await checkGradients(await read(model), await read(reference));
  expect(report.parameters).toBeGreaterThan(15);
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
