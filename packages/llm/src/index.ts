export { createChatClient, type ClientOptions } from './chat-client.js';
export { parseJsonAnswer, serverSchema } from './json-answer.js';
export { asData, dataLines } from './prompts/data-lines.js';
export { oneLine, principleLines } from './prompts/principle-lines.js';
export {
  askForCorrection,
  correctionFormat,
  parseCorrection,
  type CorrectionDraft,
  type ResponseTexts,
} from './prompts/correction-prompt.js';
export {
  askForLabel,
  labelOf,
  labelTokens,
  misalignedByLogprobs,
  misalignedByVotes,
  type Label,
} from './prompts/label-prompt.js';
