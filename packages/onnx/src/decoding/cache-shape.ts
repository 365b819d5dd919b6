import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';

/** Shape of the keys and of the values that a decoder keeps of a token in each layer. */
export interface CacheShape {
  /** Heads that keys and values have; fewer than the queries' with grouped-query attention. */
  readonly heads: number;
  readonly headSize: number;
}

const count = z.int().min(1).nullish();

const configSchema = z.looseObject({
  num_key_value_heads: count,
  num_attention_heads: count,
  decoder_attention_heads: count,
  num_heads: count,
  n_head: count,
  head_dim: count,
  d_kv: count,
  hidden_size: count,
  n_embd: count,
  d_model: count,
});

/**
 * Reads the shape of the KV cache out of a parsed config.json in the Hugging Face layout: of decoders such as Llama,
 * Qwen, Gemma and GPT-2, and of encoder-decoders such as T5 and BART.
 * @throws AlignSquadError `model-invalid` when the fields that say it are missing.
 */
export function readCacheShape(config: unknown): CacheShape {
  const read = parseWith(configSchema, config, { what: "the decoder's `config.json`", code: 'model-invalid' });
  const queryHeads = read.decoder_attention_heads ?? read.num_attention_heads ?? read.num_heads ?? read.n_head;
  const heads = read.num_key_value_heads ?? queryHeads;
  const width = read.hidden_size ?? read.n_embd ?? read.d_model;
  const headSize = read.head_dim ?? read.d_kv ?? (width && queryHeads ? width / queryHeads : undefined);
  if (heads && headSize && Number.isInteger(headSize)) return { heads, headSize };
  throw new AlignSquadError(
    "Expected the decoder's `config.json` to say how many heads it has and how wide one is, as in `num_attention_heads`, `num_key_value_heads` and `head_dim` or `hidden_size`.",
    { code: 'model-invalid' },
  );
}
