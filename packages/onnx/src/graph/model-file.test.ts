import { link, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { dataType, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { readModel } from './read-model.js';
import { readModelFile } from './read-model-file.js';
import { numbersOf, spreadNumbers } from './test-support.js';
import { bytesOf } from './wire.js';
import { writeModelFile } from './write-model-file.js';
import { writeModel } from './write-model.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const node = (operator: string, inputs: string[], output: string, attributes: NodeProto['attributes'] = {}): NodeProto => ({
  operator, domain: '', name: output, inputs, outputs: [output], attributes,
});
const floats = (name: string, dims: number[], seed: number): TensorProto => ({
  name, dims, type: dataType.float32, bytes: bytesOf(spreadNumbers(dims.reduce((a, b) => a * b, 1), -1, 1, seed)),
});

// y = (x W + b) V, with a branch that holds a constant of its own.
function smallModel(): ModelProto {
  const branch = (operator: string): NodeProto['attributes'][string] => ({
    kind: 'graph',
    value: {
      name: operator,
      nodes: [node(operator, ['product', `shift ${operator}`], `y ${operator}`)],
      initializers: [floats(`shift ${operator}`, [300], 4)],
      inputs: [],
      outputs: [{ name: `y ${operator}`, type: dataType.float32, dims: ['rows', 300] }],
    },
  });
  return {
    irVersion: 9,
    opsets: { '': 20 },
    graph: {
      name: 'small',
      nodes: [
        node('MatMul', ['x', 'W'], 'hidden'),
        node('Add', ['hidden', 'b'], 'moved'),
        node('MatMul', ['moved', 'V'], 'product'),
        node('If', ['choice'], 'y', { then_branch: branch('Add'), else_branch: branch('Sub') }),
      ],
      initializers: [
        floats('W', [3, 700], 1),
        floats('b', [700], 2),
        floats('V', [700, 300], 3),
        { name: 'choice', dims: [], type: dataType.bool, bytes: Uint8Array.of(1) },
      ],
      inputs: [{ name: 'x', type: dataType.float32, dims: ['rows', 3] }],
      outputs: [{ name: 'y', type: dataType.float32, dims: ['rows', 300] }],
    },
    functions: [],
    metadata: {},
  };
}

async function run(model: string | Uint8Array): Promise<number[]> {
  await using session = await createSession(model);
  return numbersOf((await session.run({ x: { type: 'float32', data: Float32Array.of(0.3, -1, 2), dims: [1, 3] } }))['y']);
}

const path = (): string => join(folder, 'model.onnx');
const refusal = (...parts: string[]): unknown => expect.objectContaining({
  code: 'model-invalid',
  message: expect.stringMatching(new RegExp(parts.map((part) => `(?=.*${part})`).join(''))) as string,
});

/** A model whose one weight is where `external` says. */
async function writeExternal(external: Record<string, string>, dims: number[] = [4]): Promise<void> {
  const { graph, ...model } = smallModel();
  const weight = { name: 'far.weight', dims, type: dataType.float32, external };
  const nodes = [node('Add', ['x', 'far.weight'], 'y')];
  const value = (name: string) => ({ name, type: dataType.float32, dims: [1] });
  await writeFile(path(), writeModel({ ...model, graph: { ...graph, nodes, initializers: [weight], inputs: [value('x')], outputs: [value('y')] } }));
}

describe('a model with external data', () => {
  test('is read as it was written, and the runtime loads it', async () => {
    const model = smallModel();
    const written = await writeModelFile(path(), model, { externalDataFrom: 0 });
    expect(written).toEqual([path(), `${path()}_data`]);
    expect((await readdir(folder)).sort()).toEqual(['model.onnx', 'model.onnx_data']);
    expect(areSame(writeModel(await readModelFile(path())), writeModel(model))).toBe(true);
    expect(await run(path())).toEqual(await run(writeModel(model)));
  });

  test('keeps small constants in the model and puts each large one at the start of a page', async () => {
    await writeModelFile(path(), smallModel(), { externalDataFrom: 0 });
    const { initializers } = readModel(await readFile(path())).graph;
    expect(initializers.filter(({ external }) => external).map(({ name, external }) => [name, external?.['offset'], external?.['length']])).toEqual([
      ['W', '0', '8400'],
      ['b', '12288', '2800'],
      ['V', '16384', '840000'],
    ]);
    expect((await stat(path())).size).toBeLessThan(3000);
  });

  test('has a second file only from the given size on', async () => {
    expect(await writeModelFile(path(), smallModel())).toEqual([path()]);
    expect(await run(path())).toEqual(await run(writeModel(smallModel())));
    expect(await writeModelFile(path(), smallModel(), { externalDataFrom: 2e6 })).toEqual([path()]);
    expect(await readdir(folder)).toEqual(['model.onnx']);
  });

  test('may have values beyond 4 GB of its data', async () => {
    const offset = 2 ** 32 + 4096;
    await writeExternal({ location: 'weights.bin', offset: String(offset), length: '16' });
    // A file with a hole takes no room.
    await truncateNew(join(folder, 'weights.bin'), offset + 16);
    const values = Float32Array.of(1, -2, 3, 4);
    const file = await open(join(folder, 'weights.bin'), 'r+');
    await file.write(bytesOf(values), 0, 16, offset);
    await file.close();
    const model = await readModelFile(path());
    expect(model.graph.initializers[0]).toMatchObject({ bytes: bytesOf(values), external: undefined });
  });

  test('needs neither offset nor length', async () => {
    await writeExternal({ location: 'weights.bin' });
    await writeFile(join(folder, 'weights.bin'), bytesOf(Float32Array.of(1, 2, 3, 4)));
    expect((await readModelFile(path())).graph.initializers[0]?.bytes).toEqual(bytesOf(Float32Array.of(1, 2, 3, 4)));
  });
});

describe('a file that is missing or wrong', () => {
  test('the model', async () => {
    await expect(readModelFile(path())).rejects.toEqual(refusal('model\\.onnx'));
  });

  test('its data', async () => {
    await writeModelFile(path(), smallModel(), { externalDataFrom: 0 });
    await rm(`${path()}_data`);
    await expect(readModelFile(path())).rejects.toEqual(refusal('model\\.onnx_data', 'missing', 'tensor W'));
  });

  test('data that is cut short', async () => {
    await writeModelFile(path(), smallModel(), { externalDataFrom: 0 });
    await truncate(`${path()}_data`, 16384 + 839999);
    await expect(readModelFile(path())).rejects.toEqual(refusal('model\\.onnx_data', 'cut short', 'tensor V'));
  });

  test('a folder in place of the data', async () => {
    await writeExternal({ location: 'weights.bin' });
    await mkdir(join(folder, 'weights.bin'));
    await expect(readModelFile(path())).rejects.toEqual(refusal('weights\\.bin', 'far\\.weight'));
  });

  test.each(['../weights.bin', 'a/../../weights.bin', '/etc/hostname', 'C:\\weights.bin', '..\\weights.bin', ''])('data at %j, outside of the folder', async (location) => {
    await writeExternal({ location });
    await expect(readModelFile(path())).rejects.toEqual(refusal('far\\.weight', 'outside'));
  });

  test('data behind a link that leads out of the folder', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(16));
    await writeExternal({ location: 'weights.bin' });
    await link(path(), join(inner, 'model.onnx'));
    await symlink(join(folder, 'weights.bin'), join(inner, 'weights.bin'));
    await expect(readModelFile(join(inner, 'model.onnx'))).rejects.toEqual(refusal('far\\.weight', 'outside'));
  });

  test.each([{ length: '12' }, { length: '-1' }, { offset: 'x' }, { offset: '99999999999999999' }])('a place %j that does not fit the shape', async (place) => {
    await writeExternal({ location: 'weights.bin', ...place });
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(16));
    await expect(readModelFile(path())).rejects.toEqual(refusal('far\\.weight'));
  });

  test('a tensor of more than 2 GB', async () => {
    await writeExternal({ location: 'weights.bin' }, [2 ** 29 + 1]);
    await truncateNew(join(folder, 'weights.bin'), 2 ** 31 + 4);
    await expect(readModelFile(path())).rejects.toEqual(refusal('far\\.weight', '2 GB'));
  });

  test('a model of more than 2 GB', async () => {
    await truncateNew(path(), 2 ** 31);
    await expect(readModelFile(path())).rejects.toEqual(refusal('model\\.onnx', '2 GB'));
  });
});

describe('writing', () => {
  test('a model whose data was not read is refused', async () => {
    await writeExternal({ location: 'weights.bin' });
    const model = readModel(await readFile(path()));
    await expect(writeModelFile(join(folder, 'copy.onnx'), model)).rejects.toEqual(refusal('far\\.weight', 'readModelFile'));
  });

  test('into a folder that does not exist is refused and leaves nothing', async () => {
    await expect(writeModelFile(join(folder, 'none', 'model.onnx'), smallModel())).rejects.toEqual(refusal('model\\.onnx'));
    expect(await readdir(folder)).toEqual([]);
  });

  test('that fails keeps the file that was there', async () => {
    await writeModelFile(path(), smallModel());
    const before = await readFile(path());
    await mkdir(`${path()}_data`);
    await expect(writeModelFile(path(), smallModel(), { externalDataFrom: 0 })).rejects.toEqual(refusal('model\\.onnx'));
    expect(areSame(await readFile(path()), before)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(['model.onnx', 'model.onnx_data']);
  });

  test.each([-1, Number.NaN, '1'])('a limit of %j is refused', async (externalDataFrom) => {
    const attempt = writeModelFile(path(), smallModel(), { externalDataFrom: externalDataFrom as number });
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-options' });
  });
});

// Element by element, a comparison of megabytes takes seconds.
function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

async function truncateNew(file: string, size: number): Promise<void> {
  await writeFile(file, '');
  await truncate(file, size);
}
