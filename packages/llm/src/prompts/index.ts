export { parseJsonAnswer, serverSchema } from '../json-answer.js';
export { asData, dataLines } from './data-lines.js';
export { oneLine, principleLines } from './principle-lines.js';
export {
  askForCorrection,
  correctionFormat,
  parseCorrection,
  type CorrectionDraft,
  type ResponseTexts,
} from './correction-prompt.js';
export {
  askForLabel,
  labelOf,
  labelTokens,
  misalignedByLogprobs,
  misalignedByVotes,
  type Label,
} from './label-prompt.js';
export { askForPreference, parsePreference, preferenceFormat, type PreferenceDraft, type PreferenceTexts } from './preference-prompt.js';
