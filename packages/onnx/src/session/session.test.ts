import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createSession, type SessionOptions } from './session.js';
import type { Tensor } from './tensor.js';

const modelPath = fileURLToPath(new URL('../../fixtures/tiny-random-gpt2/past.onnx', import.meta.url));

function int32(values: readonly number[]): Tensor {
  return { type: 'int32', data: Int32Array.from(values), dims: [1, values.length] };
}

// One pass over three tokens without a past. input_ids, position_ids and attention_mask: [1, 3]
function passInputs(): Record<string, Tensor> {
  const pasts = Array.from({ length: 5 }, (_, layer) => [`past_${layer}`, emptyPast()] as const);
  return {
    input_ids: int32([5, 6, 7]),
    position_ids: int32([0, 1, 2]),
    attention_mask: int32([1, 1, 1]),
    ...Object.fromEntries(pasts),
  };
}

function emptyPast(): Tensor {
  return { type: 'float32', data: new Float32Array(0), dims: [2, 1, 4, 0, 8] };
}

describe('loading', () => {
  test('a path and its bytes give the same graph', async () => {
    await using fromPath = await createSession(modelPath);
    await using fromBytes = await createSession(await readFile(modelPath));
    const [a, b] = [await fromPath.run(passInputs(), ['logits']), await fromBytes.run(passInputs(), ['logits'])];
    expect(a.logits?.dims).toEqual([1, 3, 1000]);
    expect(b.logits?.data).toEqual(a.logits?.data);
  });

  test('the names of inputs and outputs are those of the graph', async () => {
    await using session = await createSession(modelPath);
    const layers = [0, 1, 2, 3, 4];
    expect(session.inputNames).toEqual(['input_ids', 'position_ids', 'attention_mask', ...layers.map((n) => `past_${n}`)]);
    expect(session.outputNames).toEqual(['logits', ...layers.map((n) => `present_${n}`)]);
  });

  test.each([
    ['no bytes', new Uint8Array(0)],
    ['bytes that are no graph', new TextEncoder().encode('not a graph')],
  ])('%s are no model', async (_, bytes) => {
    await expect(createSession(bytes)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a truncated graph is no model', async () => {
    const bytes = await readFile(modelPath);
    await expect(createSession(bytes.subarray(0, bytes.length - 1000))).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a file that does not exist is no model', async () => {
    await expect(createSession(`${modelPath}.missing`)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('saveOptimizedTo writes the graph that runs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
    try {
      const path = join(folder, 'optimized.onnx');
      await using session = await createSession(modelPath, { optimization: 'basic', saveOptimizedTo: path });
      expect((await stat(path)).size).toBeGreaterThan(0);
      await using again = await createSession(path);
      expect(again.outputNames).toEqual(session.outputNames);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('options', () => {
  test.each([
    { threads: 0 },
    { threads: 1.5 },
    { threads: Number.NaN },
    { threads: '2' },
    { optimization: 'most' },
    { memoryArena: 1 },
    { thread: 1 },
  ])('%j is refused', async (options) => {
    const attempt = createSession(modelPath, options as SessionOptions);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-options' });
  });

  test.each([false, 'shrink'] as const)('two threads, and memory arena %j, give the logits of one', async (memoryArena) => {
    await using one = await createSession(modelPath);
    await using two = await createSession(modelPath, { threads: 2, memoryArena });
    const [a, b] = [await one.run(passInputs(), ['logits']), await two.run(passInputs(), ['logits'])];
    expect([...(b.logits?.data ?? [])]).toEqual([...(a.logits?.data ?? [NaN])].map((x) => expect.closeTo(Number(x), 4) as number));
  });
});

describe('runs', () => {
  test('without a choice all outputs come back', async () => {
    await using session = await createSession(modelPath);
    expect(Object.keys(await session.run(passInputs())).sort()).toEqual([...session.outputNames].sort());
  });

  test('only the chosen outputs come back', async () => {
    await using session = await createSession(modelPath);
    expect(Object.keys(await session.run(passInputs(), ['present_1']))).toEqual(['present_1']);
  });

  test('a preallocated output is written in place', async () => {
    await using session = await createSession(modelPath);
    const data = new Float32Array(3000).fill(Number.NaN);
    const target: Tensor = { type: 'float32', data, dims: [1, 3, 1000] };
    const results = await session.run(passInputs(), { logits: target, present_0: null });
    const { logits: expected } = await session.run(passInputs(), ['logits']);
    expect(data).toEqual(expected?.data);
    expect(results.logits).toBe(target);
    expect(results.present_0?.dims).toEqual([2, 1, 4, 3, 8]);
  });

  test('a preallocated output of the wrong shape is refused', async () => {
    await using session = await createSession(modelPath);
    const target: Tensor = { type: 'float32', data: new Float32Array(10), dims: [1, 10] };
    await expect(session.run(passInputs(), { logits: target })).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a missing input is refused by name', async () => {
    await using session = await createSession(modelPath);
    const { past_3: _, ...inputs } = passInputs();
    await expect(session.run(inputs)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('past_3') as string });
  });

  test.each([[['loss']], [{ loss: null }]])('an output that the graph lacks is refused by name', async (outputs) => {
    await using session = await createSession(modelPath);
    const attempt = session.run(passInputs(), outputs as readonly string[] | Record<string, null>);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('loss') as string });
  });

  test('a tensor whose data does not fill its dims is refused', async () => {
    await using session = await createSession(modelPath);
    const inputs = { ...passInputs(), input_ids: { type: 'int32', data: new Int32Array(2), dims: [1, 3] } as const };
    await expect(session.run(inputs)).rejects.toMatchObject({ code: 'model-invalid' });
  });

  test('a shape that the graph refuses is reported, and the session still works', async () => {
    await using session = await createSession(modelPath);
    const inputs = { ...passInputs(), input_ids: { type: 'int32', data: new Int32Array(3), dims: [3] } as const };
    await expect(session.run(inputs)).rejects.toMatchObject({ code: 'model-invalid' });
    await expect(session.run(passInputs(), ['logits'])).resolves.toHaveProperty('logits');
  });
});

describe('disposal', () => {
  test('a run after dispose is refused', async () => {
    const session = await createSession(modelPath);
    await session.dispose();
    await expect(session.run(passInputs())).rejects.toMatchObject({ code: 'disposed' });
  });

  test('a second dispose does nothing', async () => {
    const session = await createSession(modelPath);
    await session.dispose();
    await expect(session.dispose()).resolves.toBeUndefined();
  });

  test('a run that began before dispose still finishes', async () => {
    const session = await createSession(modelPath);
    const run = session.run(passInputs(), ['logits']);
    await session.dispose();
    await expect(run).resolves.toHaveProperty('logits');
  });
});
