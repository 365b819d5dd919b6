export { createSession, type OnnxSession, type SessionOptions, type SessionOutputs } from './session/session.js';
export { float32, int64, type Tensor, type TensorDataByType, type TensorType } from './session/tensor.js';
export { createTextTokenizer, type TextTokenizer } from './tokenizer/tokenizer.js';
export { loadTextTokenizer } from './tokenizer/load-tokenizer.js';
export { openPack, type OpenPackOptions, type Pack } from './pack/open-pack.js';
export { writePackManifest, type WritePackManifestOptions } from './pack/write-manifest.js';
export {
  packSchemaVersion,
  parsePackManifest,
  type PackData,
  type PackFile,
  type PackManifest,
} from './pack/manifest.js';
