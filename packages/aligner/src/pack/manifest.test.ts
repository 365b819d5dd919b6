import { expect, test } from 'vitest';
import { parseAlignerManifest } from './manifest.js';

const valid = {
  criteria: ['ethical'],
  embedder: 'onnx/embedder.onnx',
  tokenizer: 'tokenizer.json',
  bank: 'replacements.json',
  vectors: 'replacements.int8.bin',
  width: 64,
  sentenceThresholds: { ethical: 0.5 },
  leastSimilarity: { sentence: 0.5, response: 0.6 },
};

test('a valid section comes back as it is', () => {
  expect(parseAlignerManifest(valid)).toEqual(valid);
});

test.each<[string, unknown, string]>([
  ['no section', undefined, 'value'],
  ['an unknown key', { ...valid, secretText: 1 }, 'unknown key'],
  ['no criteria', { ...valid, criteria: [] }, 'criteria'],
  ['no bank', { ...valid, bank: undefined }, 'bank'],
  ['a width of 0', { ...valid, width: 0 }, 'width'],
  ['a criterion without a threshold', { ...valid, sentenceThresholds: {} }, 'sentenceThresholds'],
  ['a threshold above 1', { ...valid, sentenceThresholds: { ethical: 1.5 } }, 'sentenceThresholds.ethical'],
  ['a similarity above 1', { ...valid, leastSimilarity: { sentence: 2, response: 0.6 } }, 'leastSimilarity.sentence'],
])('%s is refused by name', (_name, section, field) => {
  const act = (): unknown => parseAlignerManifest(section);
  expect(act).toThrow(expect.objectContaining({ code: 'pack-invalid', message: expect.stringContaining(field) }));
  expect(act).not.toThrow(/secretText/);
});
