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
export type { AlignerFormat } from './generation/aligner-format.js';
export { lmcorFormat, pkuAlignerFormat, questionAnswerFormat, squadFormat } from './generation/aligner-formats.js';
export { createCandidateCorrector, type CandidateCorrectorOptions } from './generation/candidate-corrector.js';
export type { AnswerFunction, AnswerOptions, AnswerSource, Question } from './generation/draw-answers.js';
export { createFormatAligner, type FormatAlignerOptions } from './generation/format-aligner.js';
export type { GenerationOptions } from './generation/generation-options.js';
export { createLlmAligner, type LlmAlignerOptions, type LlmAnswerFormat } from './generation/llm-aligner.js';
export { createMarkerEscape, type MarkerEscape } from './generation/marker-escape.js';
export type { RewriteTexts } from './generation/rewrite-dialect.js';
export {
  parseAlignerManifest,
  type AlignerManifest,
  type DecoderManifest,
  type EditTaggerManifest,
  type EncoderDecoderManifest,
  type SentenceEditsManifest,
} from './pack/manifest.js';
export { createPackAligner, type PackAlignerOptions } from './pack/pack-aligner.js';
export { createDeltaAligners, type DeltaAligners, type DeltaAlignersOptions } from './deltas/delta-aligners.js';
