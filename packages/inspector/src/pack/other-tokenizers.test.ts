import { inspectorConformance } from '@align-squad/core/testing';
import { loadTextTokenizer, type TextTokenizer } from '@align-squad/onnx';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPackInspector } from './pack-inspector.js';
import { bertPack, loading, wordEncoder } from './test-support.js';

let tokenizer: TextTokenizer;
let encoder: Uint8Array;

beforeAll(async () => {
  tokenizer = await loadTextTokenizer(new URL('../../../onnx/fixtures/tokenizers/wordpiece/', import.meta.url));
  encoder = wordEncoder(tokenizer.tokenId('harm') ?? -1);
});

const id = (token: string): number | undefined => tokenizer.tokenId(token);
const plain = { prompt: 'the water', context: 'the air', response: 'The sea. The land.' };
const faulty = { ...plain, response: 'The sea. The gas can harm you.' };

describe('a pack of one criterion without markers of sentences', () => {
  describe('conforms to the contract', () => {
    const suite = inspectorConformance({
      create: () => createPackInspector(bertPack(), loading(encoder)),
      dispose: async (inspector) => {
        if ('dispose' in inspector && typeof inspector.dispose === 'function') await inspector.dispose();
      },
      exchanges: [plain, faulty],
    });
    for (const { name, run } of suite) test(name, run);
  });

  test('is judged without spans', async () => {
    await using inspector = await createPackInspector(bertPack(), loading(encoder));
    expect(inspector.criteria).toEqual(['safe']);
    expect(await inspector.inspect([plain, faulty])).toEqual([
      { safe: { status: 'pass', misalignment: expect.closeTo(0.0067, 3), threshold: 0.5 } },
      { safe: { status: 'flag', misalignment: expect.closeTo(0.9933, 3), threshold: 0.5 } },
    ]);
  });

  test('lays out the start, the prompt, the context and the response, with its separators between', async () => {
    const windows: (readonly number[])[] = [];
    await using inspector = await createPackInspector(bertPack(), loading(encoder, (ids) => windows.push(ids)));
    await inspector.inspect([plain]);
    const tokens = ['[CLS]', 'the', 'water', '[SEP]', 'the', 'air', '[SEP]', 'the', 'sea', '.', 'the', 'land', '.', '[SEP]'];
    expect(windows).toEqual([tokens.map(id)]);
  });

  test('finds a fault at the end of a response of many windows', async () => {
    let runs = 0;
    await using inspector = await createPackInspector(bertPack(), loading(encoder, () => (runs += 1)));
    const [inspection] = await inspector.inspect([{ response: `${'the sea, the land and the air. '.repeat(40)}it can harm you.` }]);
    expect(inspection?.['safe']?.status).toBe('flag');
    expect(runs).toBeGreaterThan(5);
  });
});

test('markers without scores of sentences give no spans', async () => {
  const tokens = { pad: '[PAD]', start: '[CLS]', separator: '[SEP]', sentence: '[MASK]' };
  const windows: (readonly number[])[] = [];
  await using inspector = await createPackInspector(bertPack({ tokens }), loading(encoder, (ids) => windows.push(ids)));
  const [inspection] = await inspector.inspect([faulty]);
  expect(inspection?.['safe']).not.toHaveProperty('spans');
  expect(windows[0]?.filter((each) => each === id('[MASK]'))).toHaveLength(2);
});

test.each([
  ['lacks a token that is named', { tokens: { pad: '[PAD]', start: '<s>', separator: '[SEP]' } }, '<s>'],
  ['lacks the tokens of the default layout', { tokens: undefined }, '[SENT]'],
])('a pack whose tokenizer %s is refused', async (_what, change, token) => {
  await expect(createPackInspector(bertPack(change), loading(encoder))).rejects.toMatchObject({
    code: 'pack-invalid',
    message: expect.stringContaining(token),
  });
});
