export type { PackAligner } from './designs/pack-aligner-base.js';
export { editSentences, faultySentences, type SentenceEdit } from './edits/sentence-edits.js';
export {
  alignerTokenIds,
  alignerTokens,
  type AlignerTokenIds,
  type AlignerTokenizer,
  type AlignerTokenNames,
} from './format/aligner-tokens.js';
export { applyEditTags, countEditTags, editOperation, learnPhrases, toEditTags, type EditTags, type TextPair } from './format/edit-tags.js';
export { splitWords } from './format/edit-words.js';
export { layoutSource, layoutTarget, type LayoutLimits } from './format/layout-source.js';
export { layoutWords, type WordLayout } from './format/layout-words.js';
export {
  parseAlignerManifest,
  type AlignerManifest,
  type DecoderManifest,
  type EditTaggerManifest,
  type EncoderDecoderManifest,
  type SentenceEditsManifest,
} from './pack/manifest.js';
export { createPackAligner, type PackAlignerOptions } from './pack/pack-aligner.js';
