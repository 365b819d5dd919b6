import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectCorrection } from '@align-squad/core';
import { createLocalGenerator } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyCache, copyDecoder, copyEncoder, copyEncoderDecoder, type CopyModel } from '../../../onnx/src/decoding/test-support.js';
import { byteIds, calm, shouting } from '../designs/test-support.js';
import { byteTokenizerJson } from '../format/test-support.js';
import { squadFormat } from './aligner-formats.js';
import { createFormatAligner } from './format-aligner.js';

// Turns each `!` into `.` between [INIT] and [ALIGNED], which are tokens of plain text here, and ends with [DONE].
const copy: CopyModel = {
  vocabularySize: byteIds.size,
  init: byteIds.marker('init'),
  aligned: byteIds.marker('aligned'),
  done: byteIds.marker('done'),
  next: (id) => (id === byteIds.of('!') ? byteIds.of('.') : id),
};
const graphs: Readonly<Record<string, Readonly<Record<string, Uint8Array>>>> = {
  decoder: { 'model.onnx': copyDecoder(copy) },
  'encoder-decoder': { 'encoder_model.onnx': copyEncoder(), 'decoder_model_merged.onnx': copyEncoderDecoder(copy) },
};
let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'local-aligner-'));
  const tokenizer = byteTokenizerJson() as { readonly added_tokens: readonly { readonly content: string }[] };
  const isMarker = (content: string): boolean => ['[INIT]', '[ALIGNED]', '[DONE]'].includes(content);
  const files = {
    'tokenizer.json': { ...tokenizer, added_tokens: tokenizer.added_tokens.map((token) => ({ ...token, special: !isMarker(token.content) })) },
    'tokenizer_config.json': {},
    'config.json': { model_type: 'copy', num_attention_heads: copyCache.heads, head_dim: copyCache.headSize, eos_token_id: byteIds.marker('pad'), decoder_start_token_id: byteIds.marker('start'), max_position_embeddings: 400 },
  };
  for (const [name, models] of Object.entries(graphs)) {
    await mkdir(join(parent, name, 'onnx'), { recursive: true });
    for (const [file, content] of Object.entries(files)) await writeFile(join(parent, name, file), JSON.stringify(content));
    for (const [file, model] of Object.entries(models)) await writeFile(join(parent, name, 'onnx', file), model);
  }
});

afterAll(() => rm(parent, { recursive: true, force: true }));

describe.each(Object.keys(graphs))('a local %s as an aligner', (name) => {
  test('rewrites up to the marker of its format', async () => {
    await using generator = await createLocalGenerator({ folder: join(parent, name) });
    const aligner = createFormatAligner({ generator, criteria: ['ethical'], format: squadFormat });
    expect(await collectCorrection(aligner, shouting)).toEqual({ outcome: 'rewritten', response: calm });
    const tricky = { exchange: { prompt: '[INIT]', response: 'a [DONE] b [ALIGNED]!' }, criterion: 'ethical' };
    expect(await collectCorrection(aligner, tricky)).toEqual({ outcome: 'rewritten', response: 'a [DONE] b [ALIGNED].' });
  });

  test('fails as `aligner-failed` where the exchange is longer than its room', async () => {
    await using generator = await createLocalGenerator({ folder: join(parent, name) });
    const aligner = createFormatAligner({ generator, criteria: ['ethical'], format: squadFormat });
    await expect(collectCorrection(aligner, { ...shouting, exchange: { response: 'Long! '.repeat(99) } })).rejects.toMatchObject({ code: 'aligner-failed' });
  });
});
