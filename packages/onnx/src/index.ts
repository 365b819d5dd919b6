export { createSession, type OnnxSession, type RunOptions, type SessionOptions, type SessionOutputs } from './session/session.js';
export { createSessionPool, type SessionPoolOptions } from './workers/session-pool.js';
export { float32, int64, type Tensor, type TensorDataByType, type TensorType } from './session/tensor.js';
export { createTextTokenizer, type TextTokenizer } from './tokenizer/tokenizer.js';
export { loadPackTokenizer } from './tokenizer/load-pack-tokenizer.js';
export { loadTextTokenizer } from './tokenizer/load-tokenizer.js';
export { readCacheShape, type CacheShape } from './decoding/cache-shape.js';
export { createDecodeSession, type DecodeFeatures, type DecodeSession, type DecodeSessionOptions } from './decoding/decode-session.js';
export type { DecodedText } from './decoding/decode-batch.js';
export type { DecodeEnd, DecodeEvent } from './decoding/decode-events.js';
export type { DecodeRequest, DecodeSessionRequest, DecodeTokens, SamplingOptions } from './decoding/decode-request.js';
export type { Sampling } from './decoding/pick-token.js';
export type { LikelyToken } from './decoding/top-tokens.js';
export { createTextStream, type TextStream } from './decoding/text-stream.js';
export { createLocalGenerator, type LocalGenerator, type LocalGeneratorOptions } from './generation/local-generator.js';
export type { LayoutPrompt, PromptPart } from './generation/prompt-ids.js';
export { packVersion } from './pack/pack-version.js';
export { openPack, type OpenPackOptions, type Pack } from './pack/open-pack.js';
export { writePackManifest, type WritePackManifestOptions } from './pack/write-manifest.js';
export {
  packSchemaVersion,
  parsePackManifest,
  type PackData,
  type PackFile,
  type PackManifest,
} from './pack/manifest.js';
export { applyDelta } from './deltas/apply-delta.js';
export { createDelta, type CreateDeltaEvent, type CreateDeltaOptions } from './deltas/create-delta.js';
export { modelDelta, type Delta, type ModelDelta, type RankGroup, type TensorDelta, type TensorForm } from './deltas/delta.js';
export { decodeDelta, deltaSchemaVersion, deltaSha256, encodeDelta, readDelta, writeDelta } from './deltas/delta-file.js';
export type { DeltaBudget } from './deltas/delta-options.js';
export { createDeltaDecodeSession, type DeltaDecodeSession, type DeltaDecodeSessionOptions, type DeltaEncoder } from './deltas/delta-decode-session.js';
export { createDeltaSession, type DeltaSession, type DeltaSessionOptions } from './deltas/delta-session.js';
export type { ValueBits } from './deltas/packed-vector.js';
