import { greedyDecodeEncoded, loadPackTokenizer, readCacheShape, packVersion, type Pack } from '@align-squad/onnx';
import { alignerTokenIds } from '../format/aligner-tokens.js';
import type { EncoderDecoderManifest } from '../pack/manifest.js';
import { defaultNewTokens } from './decoder.js';
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
  const decoder = await openModel(pack, manifest.decoder, 'logits');
  const encoder = await openModel(pack, manifest.encoder, 'last_hidden_state').catch(async (error: unknown) => {
    await decoder.dispose();
    throw error;
  });
  const newTokens = Math.min(manifest.maxNewTokens ?? defaultNewTokens, manifest.maxTokens);
  return createGenerativeAligner({
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    tokenizer,
    special,
    maxTokens: manifest.maxTokens,
    roomAfter: () => newTokens,
    decode: (request) => greedyDecodeEncoded({ encoder, decoder }, { ...request, cache, startId: special.decoderStart }),
    live,
    async dispose() {
      await Promise.all([encoder.dispose(), decoder.dispose()]);
    },
  });
}
