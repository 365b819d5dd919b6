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

const generative = { criteria: ['ethical'], tokenizer: 'tokenizer.json', maxTokens: 1024 };
const decoder = { design: 'decoder', model: 'onnx/model.onnx', ...generative };
const tagger = { design: 'edit-tagger', model: 'onnx/model.onnx', phrases: 'phrases.json', ...generative };

test.each([
  { ...valid, design: 'sentence-edits' },
  decoder,
  { ...decoder, config: 'decoder/config.json', maxNewTokens: 256, tokens: { done: '</s>', pad: '<pad>' } },
  { design: 'encoder-decoder', encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged.onnx', ...generative, tokens: { decoderStart: '<pad>' } },
  tagger,
])('a section of the design $design comes back as it is', (section) => {
  expect(parseAlignerManifest(section)).toEqual(section);
});

test.each<[string, unknown, string]>([
  ['an unknown design', { ...decoder, design: 'magic' }, 'design'],
  ['a design that is no name', { ...decoder, design: 3 }, 'design'],
  ['a decoder with the fields of another design', { ...decoder, bank: 'replacements.json' }, 'unknown key'],
  ['a decoder without a model', { ...decoder, model: undefined }, 'model'],
  ['a decoder without room', { ...decoder, maxTokens: 0 }, 'maxTokens'],
  ['a decoder that writes nothing', { ...decoder, maxNewTokens: 0 }, 'maxNewTokens'],
  ['a criterion named twice', { ...decoder, criteria: ['ethical', 'ethical'] }, 'criteria'],
  ['a token without a name', { ...decoder, tokens: { done: '' } }, 'tokens.done'],
  ['an encoder-decoder without an encoder', { ...decoder, design: 'encoder-decoder', model: undefined }, 'encoder'],
  ['an edit tagger without phrases', { ...tagger, phrases: undefined }, 'phrases'],

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
