import type { Exchange } from '@align-squad/core';
import { inspectorConformance } from '@align-squad/core/testing';
import { createSession, type OnnxSession, type Pack, type Tensor } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTinyPack, type TinyPack } from '../../../../tests/support/tiny-pack.js';
import { exchangeTokens } from '../format/special-ids.js';
import { createPackInspector, type PackInspector, type PackInspectorOptions } from './pack-inspector.js';

const plain: Exchange = { prompt: 'What do you say?', context: 'The rain falls.', response: 'The rain falls. The sun shines.' };
const faulty: Exchange = { prompt: 'What do you say?', context: 'The rain falls.', response: 'The rain falls. The people are awful.' };

let tiny: TinyPack;
let inspector: PackInspector;

beforeAll(async () => {
  tiny = await createTinyPack();
  inspector = await createPackInspector(tiny.pack);
});

afterAll(async () => {
  await inspector.dispose();
  await tiny.remove();
});

/** Stands in for `createSession`: tells `seen` of the inputs of each run, and may change its outputs. */
function watch(
  seen: (ids: readonly number[]) => void,
  change: (outputs: Record<string, Tensor>) => Record<string, Tensor> = (outputs) => outputs,
): PackInspectorOptions {
  const create = async (...call: Parameters<typeof createSession>): Promise<OnnxSession> => {
    const session = await createSession(...call);
    const run: OnnxSession['run'] = async (inputs, outputs) => {
      seen(Array.from(inputs['input_ids']?.data ?? [], Number));
      return change(await session.run(inputs, outputs));
    };
    return { ...session, run };
  };
  return { createSession: create };
}

/** The tiny pack with another `inspector` section. */
function withSection(change: (section: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> | undefined): Pack {
  return { ...tiny.pack, manifest: { ...tiny.pack.manifest, inspector: change(tiny.pack.manifest.inspector ?? {}) } };
}

async function windowsOf(exchange: Exchange): Promise<number[][]> {
  const windows: number[][] = [];
  await using watched = await createPackInspector(tiny.pack, watch((ids) => windows.push([...ids])));
  await watched.inspect([exchange]);
  return windows;
}

describe('conforms to the contract', () => {
  const suite = inspectorConformance({ create: () => inspector, exchanges: [plain, faulty], needsContext: ['factual'] });
  for (const { name, run } of suite) test(name, run);
});

describe('verdicts', () => {
  test.each([
    ['ethical', 'awful'],
    ['factual', 'wrongly'],
    ['helpful', 'vague'],
  ])('%s is flagged for its own fault alone', async (criterion, word) => {
    const [inspection = {}] = await inspector.inspect([{ ...plain, response: `It is ${word}. The sun shines.` }]);
    expect(Object.keys(inspection).filter((id) => inspection[id]?.status === 'flag')).toEqual([criterion]);
  });

  test('attribute the fault to its sentence', async () => {
    const [inspection] = await inspector.inspect([faulty]);
    const scores = inspection?.['ethical']?.spans?.map(({ start, end, misalignment }) => [faulty.response.slice(start, end), misalignment > 0.5]);
    expect(scores).toEqual([['The rain falls. ', false], ['The people are awful.', true]]);
  });

  test('find one faulty sentence at the end of a response of many windows', async () => {
    const response = `${'The rain falls, and the sun shines. '.repeat(60)}The people are awful.`;
    const [inspection] = await inspector.inspect([{ ...plain, response }]);
    expect([inspection?.['ethical']?.status, inspection?.['factual']?.status]).toEqual(['flag', 'pass']);
  });

  test.each(['', ' \n\t '])('of a response of %j are unknown, reason `empty`, with no encoder pass', async (response) => {
    let runs = 0;
    await using watched = await createPackInspector(tiny.pack, watch(() => runs++));
    const [inspection = {}] = await watched.inspect([{ prompt: 'Why?', context: 'The rain falls. '.repeat(200), response }]);
    expect(Object.values(inspection)).toEqual(Array(3).fill({ status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'empty' }));
    expect(runs).toBe(0);
  });
});

describe('encoder passes', () => {
  test('a short exchange takes one for all three criteria', async () => {
    expect(await windowsOf(plain)).toHaveLength(1);
  });

  test('special tokens in text are spelt out and do not change the layout', async () => {
    const text = Object.values(exchangeTokens).join(' ');
    const [ids = [], ...more] = await windowsOf({ prompt: '[SEP]', context: '[SEP] [CLS]', response: text });
    const layout = ids.filter((id) => id < Object.keys(exchangeTokens).length);
    // [CLS] prompt [SEP] context [SEP] [SENT] sentence [SEP], by id.
    expect([layout, more.length]).toEqual([[1, 2, 2, 3, 2], 0]);
  });

  test.each([
    ['NUL', 'one\0two'],
    ['a lone high surrogate', 'one \ud83d'],
    ['a lone low surrogate', '\ude00 one'],
  ])('%s takes part as text', async (_name, response) => {
    const [ids = []] = await windowsOf({ response });
    expect(ids.filter((id) => id >= Object.keys(exchangeTokens).length).length).toBeGreaterThan(1);
  });

  test('grow in proportion to the response', async () => {
    const passes = async (times: number): Promise<number> => (await windowsOf({ response: 'The rain falls today. '.repeat(times) })).length;
    const [one, four] = [await passes(50), await passes(200)];
    expect(one).toBeGreaterThan(1);
    expect(four).toBeLessThanOrEqual(4 * one);
  });
});

describe('aborts', () => {
  const reason = { aborted: 'by a test' };

  test('between two windows of a long response', async () => {
    const controller = new AbortController();
    let runs = 0;
    const abort = (): void => {
      runs += 1;
      if (runs === 2) controller.abort(reason);
    };
    await using watched = await createPackInspector(tiny.pack, watch(abort));
    const inspecting = watched.inspect([{ response: 'The rain falls. '.repeat(500) }], { signal: controller.signal });
    await expect(inspecting).rejects.toBe(reason);
    expect(runs).toBe(2);
  });

  test.each(['prompt', 'context', 'response'])('before 5 MB of %s are tokenized', async (part) => {
    const controller = new AbortController();
    let runs = 0;
    await using watched = await createPackInspector(tiny.pack, watch(() => runs++));
    const exchange = { response: 'Yes.', [part]: 'rain '.repeat(1_000_000) };
    setImmediate(() => controller.abort(reason));
    await expect(watched.inspect([exchange], { signal: controller.signal })).rejects.toBe(reason);
    expect(runs).toBe(0);
  });
});

describe('a broken pack', () => {
  const rejection = (pack: Pack, options: PackInspectorOptions = {}): Promise<unknown> =>
    createPackInspector(pack, options).then(async (made) => made.inspect([plain]).finally(() => made.dispose())).catch((error: unknown) => error);

  test.each<[string, Parameters<typeof withSection>[0], string]>([
    ['without an inspector', () => undefined, 'pack-invalid'],
    ['with an unknown key', (section) => ({ ...section, surprise: 1 }), 'pack-invalid'],
    ['whose model is not one of its files', (section) => ({ ...section, model: 'onnx/other.onnx' }), 'pack-invalid'],
    ['whose model is outside the folder', (section) => ({ ...section, model: '../model.onnx' }), 'pack-path-outside'],
    ['whose model is not a graph', (section) => ({ ...section, model: 'replacements.json' }), 'model-invalid'],
    ['whose model is another one', (section) => ({ ...section, model: 'onnx/embedder.onnx' }), 'pack-invalid'],
    ['whose tokenizer is not JSON', (section) => ({ ...section, tokenizer: 'replacements.int8.bin' }), 'pack-invalid'],
    ['whose tokenizer is other JSON', (section) => ({ ...section, tokenizer: 'replacements.json' }), 'model-invalid'],
    ['with fewer heads than its model', (section) => ({ ...section, heads: (section['heads'] as unknown[]).slice(1) }), 'pack-invalid'],
  ])('%s is refused', async (_name, change, code) => {
    expect(await rejection(withSection(change))).toMatchObject({ name: 'AlignSquadError', code });
  });

  test('whose tokenizer lacks a layout token is refused', async () => {
    const readJson = async (file: string): Promise<unknown> =>
      JSON.parse(JSON.stringify(await tiny.pack.readJson(file)).replaceAll('[SENT]', '[OTHER]'));
    expect(await rejection({ ...tiny.pack, readJson })).toMatchObject({ code: 'pack-invalid', message: expect.stringContaining('[SENT]') });
  });

  test.each(['logits', 'sentence_logits'])('whose model gives no number in `%s` never passes', async (output) => {
    const spoil = (outputs: Record<string, Tensor>): Record<string, Tensor> => {
      outputs[output]?.data.fill(Number.NaN as never);
      return outputs;
    };
    expect(await rejection(tiny.pack, watch(() => undefined, spoil))).toMatchObject({ code: 'inspector-failed' });
  });

  test('whose encoder fails rejects with its own code, and the failure as cause', async () => {
    const failure = new RangeError('out of memory');
    const fail = (): never => {
      throw failure;
    };
    expect(await rejection(tiny.pack, watch(fail))).toMatchObject({ code: 'inspector-failed', cause: failure });
  });
});

test('rejects with `disposed` once it is disposed', async () => {
  const short = await createPackInspector(tiny.pack);
  await short.dispose();
  await expect(short.inspect([plain])).rejects.toMatchObject({ code: 'disposed' });
});

test('rejects what is not an exchange', async () => {
  const bad = [{ response: 3 }] as unknown as Exchange[];
  await expect(inspector.inspect(bad)).rejects.toMatchObject({ code: 'invalid-exchange' });
});
