export { editSentences, faultySentences, type SentenceEdit } from './edits/sentence-edits.js';
export { parseAlignerManifest, type AlignerManifest } from './pack/manifest.js';
export { createPackAligner, type PackAligner, type PackAlignerOptions } from './pack/pack-aligner.js';
