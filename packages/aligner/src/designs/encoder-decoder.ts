import { loadPackTokenizer, packVersion, readCacheShape, type Pack } from '@align-squad/onnx';
import { alignerTokenIds } from '../format/aligner-tokens.js';
import type { EncoderDecoderManifest } from '../pack/manifest.js';
import { defaultNewTokens, openDecoder } from './decoder.js';
import { createGenerativeAligner } from './generative-aligner.js';
import { openModel } from './open-model.js';
import { type PackAligner } from './pack-aligner-base.js';

/**
 * An aligner that makes the rewrite of `x [INIT] y [ALIGNED]` with an encoder and a decoder, by the likeliest token each time.
 * @throws AlignSquadError `pack-invalid`, `model-invalid`, `missing-dependency`.
 */
export async function createEncoderDecoderAligner(pack: Pack, manifest: EncoderDecoderManifest, live: boolean): Promise<PackAligner> {
  const tokenizer = await loadPackTokenizer(pack, manifest.tokenizer);
  const cache = readCacheShape(await pack.readJson(manifest.config ?? 'config.json'));
  const special = alignerTokenIds(tokenizer, manifest.tokens);
  const encoder = await openModel(pack, manifest.encoder, 'last_hidden_state');
  const session = await openDecoder(pack, manifest.decoder, { encoder, startId: special.decoderStart, cache });
  const newTokens = Math.min(manifest.maxNewTokens ?? defaultNewTokens, manifest.maxTokens);
  return createGenerativeAligner({
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    tokenizer,
    special,
    maxTokens: manifest.maxTokens,
    roomAfter: () => newTokens,
    decode: (request) => session.decode(request),
    live,
    dispose: () => session.dispose(),
  });
}
