import { alignerTokens } from '@align-squad/aligner';
import { exchangeTokens } from '@align-squad/inspector';
import { readCacheShape } from '@align-squad/onnx';
import { describe, expect, test } from 'vitest';
import { tinyEncoder } from '../test-support.js';
import { tinyShape } from '../models/test-support.js';
import { huggingFaceConfig } from './hugging-face-config.js';
import type { TokenizerNames } from './special-tokens.js';

function tokenizerOf(tokens: readonly string[]): TokenizerNames {
  return { specialTokens: tokens, tokenId: (token) => (tokens.includes(token) ? tokens.indexOf(token) : undefined) };
}

const aligner = tokenizerOf(Object.values(alignerTokens));
const exchange = tokenizerOf(Object.values(exchangeTokens));
const labels = ['no', 'yes'];

describe('a decoder', () => {
  const files = huggingFaceConfig('decoder', { shape: tinyShape, tokenizer: aligner });

  test('is a Llama with its sizes and the ids of its tokens', () => {
    expect(files['config.json']).toMatchObject({
      model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 30, hidden_size: 24, num_hidden_layers: 2, head_dim: 6,
      num_attention_heads: 4, num_key_value_heads: 2, intermediate_size: 40, max_position_embeddings: 64, tie_word_embeddings: true,
      pad_token_id: 0, bos_token_id: 2, eos_token_id: 6,
    });
    expect(files['generation_config.json']).toEqual({ pad_token_id: 0, bos_token_id: 2, eos_token_id: 6, max_length: 64 });
  });

  test('pads on the left and names its tokens', () => {
    const map = { pad_token: '[PAD]', unk_token: '[UNK]', bos_token: '[BOS]', eos_token: '[DONE]' };
    const others = { additional_special_tokens: ['[CONTEXT]', '[INIT]', '[ALIGNED]'] };
    expect(files['special_tokens_map.json']).toEqual({ ...map, ...others });
    expect(files['tokenizer_config.json']).toMatchObject({ padding_side: 'left', model_max_length: 64, ...map });
  });

  test('may have tokens of other names', () => {
    const tokenizer = tokenizerOf(['<pad>', '<s>', '</s>']);
    const other = huggingFaceConfig('decoder', { shape: tinyShape, tokenizer, tokens: { pad: '<pad>', start: '<s>', end: '</s>' } });
    expect(other['generation_config.json']).toMatchObject({ bos_token_id: 1, eos_token_id: 2 });
    expect(() => huggingFaceConfig('decoder', { shape: tinyShape, tokenizer })).toThrow(expect.objectContaining({ code: 'invalid-options' }));
  });
});

test('an encoder-decoder is a T5 that starts with the start token', () => {
  const shape = { ...tinyShape, decoderLayers: 1 };
  const files = huggingFaceConfig('encoder-decoder', { shape, tokenizer: aligner });
  expect(files['config.json']).toMatchObject({
    model_type: 't5', is_encoder_decoder: true, num_layers: 2, num_decoder_layers: 1, num_heads: 4, d_kv: 6, d_model: 24, d_ff: 40,
    decoder_start_token_id: 2, eos_token_id: 6, pad_token_id: 0,
  });
  expect(files['generation_config.json']).toMatchObject({ decoder_start_token_id: 2, eos_token_id: 6 });
  expect(files['tokenizer_config.json']).toMatchObject({ padding_side: 'right' });
});

test.each(['decoder', 'encoder-decoder'] as const)('the config of %s says the shape of the cache', (kind) => {
  const files = huggingFaceConfig(kind, { shape: tinyShape, tokenizer: aligner });
  expect(readCacheShape(files['config.json'])).toEqual({ heads: 2, headSize: 6 });
});

describe('labels', () => {
  const tables = { id2label: { 0: 'no', 1: 'yes' }, label2id: { no: 0, yes: 1 } };

  test('of a tagger are those of BERT for tokens', () => {
    const files = huggingFaceConfig('tagger', { shape: tinyShape, labels, tokenizer: aligner });
    expect(files['config.json']).toMatchObject({ model_type: 'bert', architectures: ['BertForTokenClassification'], ...tables });
    expect(Object.keys(files)).not.toContain('generation_config.json');
  });

  test.each([
    [true, 'multi_label_classification'],
    [undefined, 'single_label_classification'],
  ])('of a classifier that is multi-label: %s make it a %s', (multiLabel, problem_type) => {
    const files = huggingFaceConfig('classifier', { shape: tinyShape, labels, multiLabel, tokenizer: exchange });
    expect(files['config.json']).toMatchObject({ architectures: ['BertForSequenceClassification'], problem_type, ...tables });
    expect(files['special_tokens_map.json']).toMatchObject({ cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]' });
  });

  test('of an inspector are its criteria, and our own fields stand apart', () => {
    const files = huggingFaceConfig('inspector', { config: tinyEncoder, tokenizer: exchange });
    expect(files['config.json']).toMatchObject({
      problem_type: 'multi_label_classification', id2label: { 0: 'ethical', 1: 'factual' }, hidden_size: 16,
      align_squad: { ngramBuckets: 64, specialIds: tinyEncoder.specialIds },
    });
  });
});
