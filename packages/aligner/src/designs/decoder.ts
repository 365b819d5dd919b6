import { greedyDecode, loadPackTokenizer, readCacheShape, packVersion, type Pack } from '@align-squad/onnx';
import { alignerTokenIds } from '../format/aligner-tokens.js';
import type { DecoderManifest } from '../pack/manifest.js';
import { createGenerativeAligner } from './generative-aligner.js';
import { openModel } from './open-model.js';
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
  const session = await openModel(pack, manifest.model, 'logits');
  return createGenerativeAligner({
    version: packVersion(pack.manifest),
    criteria: manifest.criteria,
    tokenizer,
    special,
    maxTokens: manifest.maxTokens,
    roomAfter: (sourceTokens) => Math.min(manifest.maxNewTokens ?? defaultNewTokens, manifest.maxTokens - sourceTokens),
    decode: (request) => greedyDecode(session, { ...request, cache }),
    live,
    dispose: () => session.dispose(),
  });
}
