import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import type { Tensor } from '../session/tensor.js';
import { dataType, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { readModel } from './read-model.js';
import { numbersOf } from './test-support.js';
import { bytesOf, WireWriter } from './wire.js';
import { writeModel } from './write-model.js';

const inner = {
  name: 'branch',
  nodes: [node('Identity', {})],
  initializers: [],
  inputs: [],
  outputs: [{ name: 'y', type: dataType.float32, dims: [] }],
};

function node(operator: string, attributes: NodeProto['attributes']): NodeProto {
  return { operator, domain: '', name: `my ${operator}`, inputs: ['x', '', 'w'], outputs: ['y'], attributes };
}

// Every field of the format that is read, with a value that is not its default.
const everything: ModelProto = {
  irVersion: 9,
  opsets: { '': 20, 'com.microsoft': 1 },
  graph: {
    name: 'main',
    nodes: [
      { ...node('Custom', {}), domain: 'com.microsoft' },
      node('If', {
        float: { kind: 'float', value: 0.5 },
        zero: { kind: 'float', value: 0 },
        int: { kind: 'int', value: -3 },
        string: { kind: 'string', value: 'Größe' },
        tensor: { kind: 'tensor', value: { name: 't', dims: [2], type: dataType.uint8, bytes: Uint8Array.of(7, 8) } },
        then_branch: { kind: 'graph', value: inner },
        floats: { kind: 'floats', value: [1, -0.25] },
        ints: { kind: 'ints', value: [1, -2, 2 ** 40] },
        none: { kind: 'ints', value: [] },
        strings: { kind: 'strings', value: ['a', ''] },
      }),
    ],
    initializers: [
      { name: 'w', dims: [2, 1], type: dataType.float32, bytes: bytesOf(Float32Array.of(1, 2)) },
      { name: 'scalar', dims: [], type: dataType.int64, bytes: bytesOf(BigInt64Array.of(-5n)) },
      { name: 'far', dims: [3], type: dataType.float32, external: { location: 'data.bin', offset: '16' } },
    ],
    inputs: [
      { name: 'x', type: dataType.float32, dims: ['batch', 3, ''] },
      { name: 'any shape', type: dataType.int64, dims: undefined },
      { name: 'anything', type: 0, dims: undefined },
    ],
    outputs: [{ name: 'y', type: dataType.bool, dims: [] }],
  },
  functions: [Uint8Array.of(1, 2, 3)],
  metadata: { author: 'nobody', empty: '' },
};

describe('reading what was written', () => {
  test('a model with every kind of field is the same', () => {
    expect(readModel(writeModel(everything))).toEqual(everything);
  });

  test.each(['magika/model.onnx', 'tiny-random-gpt2/past.onnx'])('%s is the same after it was written again', async (path) => {
    const model = readModel(await readFixture(path));
    expect(withDigests(readModel(writeModel(model)))).toEqual(withDigests(model));
  });

  test('bytes inside a larger buffer are read', () => {
    const bytes = writeModel(everything);
    const padded = new Uint8Array(bytes.length + 20);
    padded.set(bytes, 10);
    expect(readModel(padded.subarray(10, -10))).toEqual(everything);
  });
});

describe('fields without a place of their own', () => {
  const note = new WireWriter().text(1, 'key').text(2, 'value');
  const tensor = new WireWriter().int(1, 1).int(2, dataType.int8).bytes(9, Uint8Array.of(5));
  const sequence = new WireWriter().message(4, new WireWriter().message(1, new WireWriter().message(1, new WireWriter().int(1, 1))));
  const x = new WireWriter().text(1, 'x').text(3, 'doc').message(2, sequence);
  const inGraph = (...fields: [number, WireWriter][]): Uint8Array =>
    new WireWriter().message(7, fields.reduce((graph, [field, message]) => graph.message(field, message), new WireWriter())).finish();
  const inNode = (attribute: WireWriter): Uint8Array => inGraph([1, new WireWriter().text(4, 'Custom').message(5, attribute.text(1, 'a'))]);

  test.each<[string, Uint8Array, (model: ModelProto) => unknown]>([
    ['an attribute that is a type', inNode(new WireWriter().message(14, sequence).int(20, 13)), ({ graph }) => graph.nodes[0]?.attributes['a']?.kind],
    ['an attribute that names one of a function', inNode(new WireWriter().text(21, 'b').int(20, 2)), ({ graph }) => graph.nodes[0]?.attributes['a']?.kind],
    ['metadata of a node', inGraph([1, new WireWriter().text(4, 'Custom').message(9, note)]), ({ graph }) => graph.nodes[0]?.rest],
    ['metadata of a constant', inGraph([5, new WireWriter().fields(tensor.finish()).message(16, note)]), ({ graph }) => graph.initializers[0]?.rest],
    ['an input that is a sequence', inGraph([11, x]), ({ graph }) => graph.inputs[0]?.otherType],
    ['the version of a model', new WireWriter().message(7, new WireWriter()).int(5, 3).finish(), ({ rest }) => rest],
  ])('%s is kept', (_, bytes, kept) => {
    const model = readModel(bytes);
    expect(kept(model)).toBeDefined();
    const again = readModel(writeModel(model));
    expect(again).toEqual(model);
    expect(kept(again)).toEqual(kept(model));
  });

  test.each<[string, Uint8Array]>([
    ['a sparse constant', inGraph([15, new WireWriter().message(1, tensor)])],
    ['a list of tensors', inNode(new WireWriter().message(10, tensor).int(20, 9))],
    ['a list of graphs', inNode(new WireWriter().message(11, new WireWriter().text(2, 'g')).int(20, 10))],
    ['a sparse tensor', inNode(new WireWriter().message(22, tensor).int(20, 11))],
    ['a list of sparse tensors', inNode(new WireWriter().message(23, tensor).int(20, 12))],
  ])('%s is refused, not dropped', (what, bytes) => {
    const message = expect.stringContaining(what) as string;
    expect(() => readModel(bytes)).toThrow(expect.objectContaining({ code: 'model-invalid', message }));
  });

  test('shapes of inner values are left out, as an edit would make them wrong', () => {
    expect(readModel(inGraph([13, x])).graph).toEqual(readModel(inGraph()).graph);
  });
});

describe('models of third parties', () => {
  test('the classifier gives the same scores after it was written again', async () => {
    const original = await readFixture('magika/model.onnx');
    const bytes: Tensor = { type: 'int32', data: Int32Array.from({ length: 2048 }, (_, index) => (index * 31) % 256), dims: [1, 2048] };
    const [before, after] = await runBoth(original, { bytes });
    expect(numbersOf(before['target_label']).length).toBeGreaterThan(100);
    expect(after).toEqual(before);
  });

  test('the decoder gives the same logits after it was written again', async () => {
    const row = (values: number[]): Tensor => ({ type: 'int32', data: Int32Array.from(values), dims: [1, values.length] });
    const pasts = Array.from({ length: 5 }, (_, layer): [string, Tensor] => [
      `past_${layer}`,
      { type: 'float32', data: new Float32Array(0), dims: [2, 1, 4, 0, 8] },
    ]);
    const inputs = { input_ids: row([5, 6, 7]), position_ids: row([0, 1, 2]), attention_mask: row([1, 1, 1]), ...Object.fromEntries(pasts) };
    const [before, after] = await runBoth(await readFixture('tiny-random-gpt2/past.onnx'), inputs);
    expect(before['logits']?.dims).toEqual([1, 3, 1000]);
    expect(after).toEqual(before);
  });
});

describe('constants that are lists of numbers', () => {
  test.each<[string, number, WireWriter, Uint8Array]>([
    ['float_data', dataType.float32, new WireWriter().float(4, 1.5), bytesOf(Float32Array.of(1.5))],
    ['int32_data', dataType.int32, new WireWriter().int(5, -2), bytesOf(Int32Array.of(-2))],
    ['int32_data of bytes', dataType.int8, new WireWriter().int(5, -2), Uint8Array.of(254)],
    ['int32_data of half floats', dataType.float16, new WireWriter().int(5, 0x3c00), bytesOf(Uint16Array.of(0x3c00))],
    ['int32_data of 16-bit integers', dataType.int16, new WireWriter().int(5, -2), bytesOf(Int16Array.of(-2))],
    ['int64_data', dataType.int64, new WireWriter().int(7, 2 ** 63), bytesOf(BigInt64Array.of(2n ** 63n - 1n))],
    ['double_data', dataType.float64, new WireWriter().bytes(10, bytesOf(Float64Array.of(0.1))), bytesOf(Float64Array.of(0.1))],
    ['uint64_data of 32-bit integers', dataType.uint32, new WireWriter().int(11, 7), bytesOf(Uint32Array.of(7))],
  ])('%s become raw bytes', (_, type, numbers, bytes) => {
    expect(readConstant(numbers.int(1, 1).int(2, type))?.bytes).toEqual(bytes);
  });

  test('a constant of strings is refused, not lost', () => {
    const strings = new WireWriter().int(1, 1).int(2, dataType.string).text(6, 'a');
    expect(() => readConstant(strings)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  test('a slice to the largest int64 still runs to the end after it was written again', async () => {
    const model = readModel(writeModel(sliceToEnd()));
    await using session = await createSession(writeModel(model));
    const { y } = await session.run({ x: { type: 'float32', data: Float32Array.of(1, 2, 3), dims: [3] } });
    expect(numbersOf(y)).toEqual([2, 3]);
  });
});

describe('bytes that are no model', () => {
  test.each([0, 1, 2, 3, 17, 100, 300])('a file cut after %d bytes is refused', (length) => {
    expect(() => readModel(writeModel(everything).subarray(0, length))).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  test('a vendored file cut anywhere is refused', async () => {
    const bytes = await readFixture('tiny-random-gpt2/past.onnx');
    // The graph is one field, so that no cut inside it leaves a whole model.
    const cuts = Array.from({ length: 40 }, (_, index) => Math.floor((bytes.length - 64) * ((index + 0.5) / 40)));
    const outcomes = cuts.map((cut) => codeOf(() => readModel(bytes.subarray(0, cut))));
    expect(new Set(outcomes)).toEqual(new Set(['model-invalid']));
  });

  test.each([
    ['a text', new TextEncoder().encode('{"this": "is not a graph"}')],
    ['zeros', new Uint8Array(64)],
    ['ones', new Uint8Array(1 << 20).fill(255)],
  ])('%s is refused', (_, bytes) => {
    expect(() => readModel(bytes)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
  });

  test('noise is refused with a code or read, and never fails otherwise', () => {
    let state = 1;
    const byte = (): number => (state = (state * 48271) % 2147483647) & 255;
    const whole = writeModel(everything);
    const outcomes = Array.from({ length: 300 }, () => {
      const broken = Uint8Array.from(whole);
      for (let count = 0; count < 4; count++) broken[(byte() * 256 + byte()) % broken.length] = byte();
      return codeOf(() => readModel(broken));
    });
    expect(outcomes.filter((code) => code === 'model-invalid').length).toBeGreaterThan(30);
    expect(outcomes.filter((code) => code !== 'model-invalid' && code !== 'read')).toEqual([]);
  });
});

// Element by element, a comparison of megabytes takes minutes.
function withDigests({ graph, ...rest }: ModelProto): object {
  const digest = (bytes: Uint8Array | undefined): string => createHash('sha256').update(bytes ?? '').digest('hex');
  return { ...rest, graph: { ...graph, initializers: graph.initializers.map((tensor) => ({ ...tensor, bytes: digest(tensor.bytes) })) } };
}

async function readFixture(path: string): Promise<Uint8Array> {
  return readFile(new URL(`../../fixtures/${path}`, import.meta.url));
}

async function runBoth(original: Uint8Array, inputs: Record<string, Tensor>): Promise<[Record<string, Tensor>, Record<string, Tensor>]> {
  await using before = await createSession(original);
  await using after = await createSession(writeModel(readModel(original)));
  return [await before.run(inputs), await after.run(inputs)];
}

function readConstant(tensor: WireWriter): TensorProto | undefined {
  return readModel(new WireWriter().message(7, new WireWriter().message(5, tensor)).finish()).graph.initializers[0];
}

function sliceToEnd(): ModelProto {
  // Slice of opset 9 holds its ends in an attribute.
  const ends = { starts: { kind: 'ints', value: [1] }, ends: { kind: 'ints', value: [2 ** 63] } } as const;
  return {
    irVersion: 6,
    opsets: { '': 9 },
    graph: {
      name: 'slice',
      nodes: [{ operator: 'Slice', domain: '', name: 'slice', inputs: ['x'], outputs: ['y'], attributes: ends }],
      initializers: [],
      inputs: [{ name: 'x', type: dataType.float32, dims: ['n'] }],
      outputs: [{ name: 'y', type: dataType.float32, dims: ['m'] }],
    },
    functions: [],
    metadata: {},
  };
}

function codeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
