import { AlignSquadError } from '@align-squad/core';
import { createDecodeSession, loadPackTokenizer, packVersion, readCacheShape, type DecodeSession, type DecodeSessionOptions, type Pack } from '@align-squad/onnx';
import { alignerTokenIds } from '../format/aligner-tokens.js';
import type { DecoderManifest } from '../pack/manifest.js';
import { createGenerativeAligner } from './generative-aligner.js';
import { type PackAligner } from './pack-aligner-base.js';

/** Most tokens of a rewrite where the manifest says nothing (paper, section 4). */
export const defaultNewTokens = 512;

/**
 * An aligner that continues `x [INIT] y [ALIGNED]` with a decoder, by the likeliest token each time.
 * @throws AlignSquadError `pack-invalid`, `model-invalid`, `missing-dependency`.
 */
export async function createDecoderAligner(pack: Pack, manifest: DecoderManifest, live: boolean): Promise<PackAligner> {
  const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
  const cache = readCacheShape(await pack.readJson(manifest.config ?? 'config.json'));
  const special = alignerTokenIds(tokenizer, manifest.tokens);
  const session = await openDecoder(pack, manifest.model, { cache });
  return createGenerativeAligner({
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    tokenizer,
    special,
    maxTokens: manifest.maxTokens,
    roomAfter: (sourceTokens) => Math.min(manifest.maxNewTokens ?? defaultNewTokens, manifest.maxTokens - sourceTokens),
    decode: (request) => session.decode(request),
    live,
    dispose: () => session.dispose(),
  });
}

/**
 * Opens the decoder of a pack; what `options` own is freed where that fails.
 * @throws AlignSquadError `pack-invalid` for another graph, `model-invalid` for a file that is none.
 */
export async function openDecoder(pack: Pack, file: string, options: DecodeSessionOptions): Promise<DecodeSession> {
  const session = await createDecodeSession(pack.path(file), options);
  if (session.outputNames.includes('logits') && session.inputNames.includes('input_ids')) return session;
  await session.dispose();
  throw new AlignSquadError(`Expected ${file} to give \`logits\` from \`input_ids\`.`, { code: 'pack-invalid' });
}
