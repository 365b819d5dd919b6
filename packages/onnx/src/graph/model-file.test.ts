import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32 } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { readModelFile, writeModelFile } from './model-file.js';
import { dataType, type ModelProto } from './model.js';
import { requireFloatModel } from './require-float-model.js';
import { quantizeModel } from './quantize.js';
import { numbersOf, spreadNumbers } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-model-'));
});
afterEach(() => rm(folder, { recursive: true }));

function product(): ModelProto {
  const graph = new GraphBuilder();
  const y = graph.op('MatMul', [graph.input('x', dataType.float32, [1, 40]), graph.initializer('w', [40, 50], spreadNumbers(2000))]);
  return graph.model([y], { [y]: 'y' });
}

const path = (): string => join(folder, 'model.onnx');

test('large constants go to a file beside the model, from which the runtime and this reader take them', async () => {
  const written = await writeModelFile(path(), product(), { externalDataFrom: 1000 });
  expect(written).toEqual([path(), `${path()}_data`]);
  expect((await readdir(folder)).sort()).toEqual(['model.onnx', 'model.onnx_data']);
  await using session = await createSession(path());
  const outputs = numbersOf((await session.run({ x: float32(spreadNumbers(40), [1, 40]) }))['y']);
  expect(outputs).toHaveLength(50);
  expect((await readModelFile(path())).graph.initializers).toEqual(product().graph.initializers);
});

test('a small model is one file', async () => {
  expect(await writeModelFile(path(), product())).toEqual([path()]);
  expect((await readModelFile(path())).graph.initializers).toEqual(product().graph.initializers);
});

test('a missing file of weights is named', async () => {
  await writeModelFile(path(), product(), { externalDataFrom: 1000 });
  await rm(`${path()}_data`);
  await expect(readModelFile(path())).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('model.onnx_data') as string });
});

test('a file of weights that is cut short is named', async () => {
  await writeModelFile(path(), product(), { externalDataFrom: 1000 });
  await truncate(`${path()}_data`, 100);
  await expect(readModelFile(path())).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('model.onnx_data') as string });
});

test.each(['../weights', '/etc/hostname'])('weights at %s are refused', async (location) => {
  const model = product();
  const initializers = model.graph.initializers.map(({ bytes: _bytes, ...tensor }) => ({ ...tensor, external: { location } }));
  await writeModelFile(path(), { ...model, graph: { ...model.graph, initializers } });
  await expect(readModelFile(path())).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('outside') as string });
});

test('a quantised graph is refused as something to train, and what to use is said', () => {
  expect(() => requireFloatModel(product())).not.toThrow();
  expect(() => requireFloatModel(quantizeModel(product()))).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining('onnx/model.onnx') as string }));
});
