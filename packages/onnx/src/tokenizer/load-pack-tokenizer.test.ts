import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { loadPackTokenizer } from './load-pack-tokenizer.js';

const fixtures = new URL('../../fixtures/tokenizers/bpe/', import.meta.url);

/** A pack with these files, whose tokenizer_config.json names a special token that its tokenizer.json does not mark as one. */
function packOf(files: readonly string[]): Parameters<typeof loadPackTokenizer>[0] {
  const entry = { sha256: '0'.repeat(64), bytes: 1 };
  const readJson = async (file: string): Promise<unknown> => {
    if (file.endsWith('config.json')) return { eos_token: '<end>' };
    const json = JSON.parse(await readFile(new URL('tokenizer.json', fixtures), 'utf8')) as { added_tokens: object[] };
    json.added_tokens.push({ id: 397, content: '<end>', special: false });
    return json;
  };
  const names = { schemaVersion: 1, name: 'p', version: '1', language: 'en', license: 'MIT' } as const;
  return { manifest: { ...names, files: Object.fromEntries(files.map((file) => [file, entry])) }, readJson };
}

test.each([
  [['tokenizer.json', 'tokenizer_config.json'], 'tokenizer.json', true],
  [['aligner/tokenizer.json', 'aligner/tokenizer_config.json'], 'aligner/tokenizer.json', true],
  [['aligner/tokenizer.json', 'tokenizer_config.json'], 'aligner/tokenizer.json', false],
  [['tokenizer.json'], 'tokenizer.json', false],
])('of a pack with %j the config beside %s is read: its special token is one, %s', async (files, file, isSpecial) => {
  const tokenizer = await loadPackTokenizer(packOf(files), file);
  expect(tokenizer.specialTokens.includes('<end>')).toBe(isSpecial);
  expect(tokenizer.encode('<end>').includes(397)).toBe(!isSpecial);
});

test('a tokenizer is built once for an opened pack, and again after a failure', async () => {
  const pack = packOf(['tokenizer.json']);
  let reads = 0;
  let fails = true;
  const counted = {
    ...pack,
    readJson: async (file: string): Promise<unknown> => {
      reads += 1;
      return fails ? {} : pack.readJson(file);
    },
  };
  await expect(loadPackTokenizer(counted, 'tokenizer.json')).rejects.toMatchObject({ code: 'model-invalid' });
  fails = false;
  const [one, other] = await Promise.all([loadPackTokenizer(counted, 'tokenizer.json'), loadPackTokenizer(counted, 'tokenizer.json')]);
  expect(one).toBe(other);
  expect(reads).toBe(2);
});
