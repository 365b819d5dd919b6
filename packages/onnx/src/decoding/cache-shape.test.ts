import { expect, test } from 'vitest';
import { readCacheShape } from './cache-shape.js';

test.each<[string, object, number, number]>([
  ['Llama', { hidden_size: 576, num_attention_heads: 9, num_key_value_heads: 3 }, 3, 64],
  ['Llama with as many heads for keys', { hidden_size: 64, num_attention_heads: 4, head_dim: null }, 4, 16],
  ['Gemma', { hidden_size: 640, num_attention_heads: 4, num_key_value_heads: 1, head_dim: 256 }, 1, 256],
  ['GPT-2', { n_embd: 768, n_head: 12 }, 12, 64],
  ['T5', { d_model: 512, d_kv: 64, num_heads: 6 }, 6, 64],
  ['BART', { d_model: 768, encoder_attention_heads: 8, decoder_attention_heads: 12, num_attention_heads: 8 }, 12, 64],
])('the cache of %s', (_name, config, heads, headSize) => {
  expect(readCacheShape(config)).toEqual({ heads, headSize });
});

test.each<[string, unknown]>([
  ['no config', undefined],
  ['no heads', { hidden_size: 64 }],
  ['no width', { num_attention_heads: 4 }],
  ['heads that do not divide the width', { hidden_size: 65, num_attention_heads: 4 }],
  ['heads that are no number', { hidden_size: 64, num_attention_heads: 'four' }],
])('%s is refused', (_name, config) => {
  expect(() => readCacheShape(config)).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
