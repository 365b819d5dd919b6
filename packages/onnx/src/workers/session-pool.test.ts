import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataType, GraphBuilder, writeModel } from '../graph/index.js';
import { createSession, type OnnxSession } from '../session/session.js';
import { float32, type Tensor } from '../session/tensor.js';
import { createSessionPool, createSessionPoolFrom, type SessionPoolOptions } from './session-pool.js';
import { startSessionThread, type SessionThread } from './session-thread.js';

let folder: string;
let model: string;
let pool: OnnxSession;

/** x [rows, 64] times a constant matrix, `passes` times over. */
function powerModel(passes: number): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, ['rows', 64]);
  const values = Float32Array.from({ length: 64 * 64 }, (_, index) => Math.sin(index) / 8);
  const matrix = graph.constant({ name: 'matrix', type: dataType.float32, dims: [64, 64], bytes: new Uint8Array(values.buffer) });
  let y = x;
  for (let pass = 0; pass < passes; pass += 1) y = graph.op('Tanh', [graph.op('MatMul', [y, matrix])]);
  return writeModel(graph.model([y], { [y]: 'y' }));
}

const rowOf = (start: number, rows = 1): Tensor => float32(Float32Array.from({ length: 64 * rows }, (_, index) => Math.cos(start + index)), [rows, 64]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-pool-'));
  model = join(folder, 'model.onnx');
  await writeFile(model, powerModel(8));
  pool = await createSessionPool(model, { workers: 2 });
});

afterAll(async () => {
  await pool.dispose();
  await rm(folder, { recursive: true, force: true });
});

test('names the inputs and outputs of the graph', () => {
  expect([pool.inputNames, pool.outputNames]).toEqual([['x'], ['y']]);
});

test('gives each of many overlapping runs what a session of this thread gives', async () => {
  await using session = await createSession(model);
  const inputs = Array.from({ length: 40 }, (_, index) => rowOf(index));
  const results = await Promise.all(inputs.map((x) => pool.run({ x })));
  for (const [index, { y }] of results.entries()) {
    const x = inputs[index];
    expect(y).toEqual(x && (await session.run({ x }))['y']);
  }
});

test('leaves the event loop free while runs wait', async () => {
  let ticks = 0;
  let isDone = false;
  const tick = (): void => {
    ticks += 1;
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  const runs = 100;
  await Promise.all(Array.from({ length: runs }, () => pool.run({ x: rowOf(1, 200) })));
  isDone = true;
  expect(ticks / runs).toBeGreaterThan(1);
});

test('keeps the inputs of its caller, and takes their memory where it is told to', async () => {
  const x = rowOf(3);
  await pool.run({ x });
  expect(x.data).toHaveLength(64);
  await using taking = await createSessionPool(model, { workers: 1, transferInputs: true });
  const { y } = await taking.run({ x });
  expect([x.data.length, y?.data.length]).toEqual([0, 64]);
});

test('fills tensors that are given for outputs', async () => {
  const y = float32(new Float32Array(64), [1, 64]);
  const outputs = await pool.run({ x: rowOf(5) }, { y });
  expect(outputs['y']).toBe(y);
  expect(y.data).toEqual((await pool.run({ x: rowOf(5) }))['y']?.data);
});

describe('a wrong call', () => {
  test.each<[string, Parameters<OnnxSession['run']>, string]>([
    ['without an input', [{}], 'invalid-options'],
    ['for an unknown output', [{ x: rowOf(1) }, ['z']], 'invalid-options'],
    ['of another shape', [{ x: float32(new Float32Array(3), [1, 3]) }], 'model-invalid'],
  ])('%s rejects with the code of a session', async (_name, call, code) => {
    await using session = await createSession(model);
    const rejection = (one: OnnxSession): Promise<unknown> => one.run(...call).catch((error: unknown) => error);
    const [here, there] = [await rejection(session), await rejection(pool)];
    expect(there).toMatchObject({ name: 'AlignSquadError', code, message: (here as Error).message });
  });

  test.each<[string, SessionPoolOptions]>([
    ['no workers', { workers: 0 }],
    ['half a worker', { workers: 1.5 }],
    ['no threads', { threads: 0 }],
    ['an unknown option', { surprise: 1 } as SessionPoolOptions],
  ])('with %s is refused', async (_name, options) => {
    await expect(createSessionPool(model, options)).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test.each(['missing.onnx', 'text.onnx'])('on a file that is no graph, %s, rejects with `model-invalid`', async (name) => {
    if (name === 'text.onnx') await writeFile(join(folder, name), 'not a graph');
    await expect(createSessionPool(join(folder, name))).rejects.toMatchObject({ code: 'model-invalid' });
  });
});

describe('dispose', () => {
  test('waits for the runs that were accepted, and later ones reject', async () => {
    const short = await createSessionPool(model, { workers: 1 });
    const runs = Promise.allSettled([1, 2, 3].map((start) => short.run({ x: rowOf(start) })));
    await Promise.all([short.dispose(), short.dispose()]);
    expect((await runs).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await expect(short.run({ x: rowOf(1) })).rejects.toMatchObject({ code: 'disposed' });
  });

  test('comes in time while a second thread starts', async () => {
    const data = { model, options: { session: {}, run: {} } };
    // The first is there at once, so that a run that waits is soon late.
    const ready = [await startSessionThread(data)];
    let isSecondBegun = false;
    const start = async (): Promise<SessionThread> => {
      const first = ready.pop();
      isSecondBegun ||= first === undefined;
      return first ?? startSessionThread(data);
    };
    const short = await createSessionPoolFrom(start, { workers: 2, transferInputs: false });
    const runs: Promise<unknown>[] = [];
    while (!isSecondBegun) {
      for (let more = 0; more < 20; more += 1) runs.push(short.run({ x: rowOf(more) }));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await short.dispose();
    await expect(Promise.all(runs)).resolves.toHaveLength(runs.length);
  });
});

describe('a thread that dies', () => {
  const crashing = new URL('./test-threads/crashing-thread.ts', import.meta.url);
  const start = () => startSessionThread({ model: '', options: { session: {}, run: {} } }, crashing);

  test.each([
    ['ends', -1],
    ['throws', -2],
  ])('because it %s rejects its run alone, and another takes its place', async (_how, value) => {
    await using short = await createSessionPoolFrom(start, { workers: 1, transferInputs: false });
    const values = [1, value, 2, value, 3];
    const runs = await Promise.allSettled(values.map((x) => short.run({ x: float32(Float32Array.of(x), [1]) })));
    expect(runs.map((run) => (run.status === 'fulfilled' ? run.value['y']?.data[0] : (run.reason as { code: string }).code))).toEqual([
      1, 'model-invalid', 2, 'model-invalid', 3,
    ]);
  });
});

test('a process ends by itself with a pool that is idle, and waits for a run that is not', async () => {
  const script = `
    const { createSessionPool, float32 } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
    const pool = await createSessionPool(${JSON.stringify(model)}, { workers: 2 });
    const x = float32(new Float32Array(64), [1, 64]);
    const runs = await Promise.all([1, 2, 3].map(() => pool.run({ x })));
    process.stdout.write(String(runs.length));
  `;
  const flags = ['--conditions=@align-squad/source', '--import', 'tsx', '--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, flags, { cwd: fileURLToPath(new URL('../../../../', import.meta.url)) });
  expect([stdout, stderr]).toEqual(['3', '']);
});
