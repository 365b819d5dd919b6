export { createChatClient, type ClientOptions } from './chat-client.js';
export { createOpenaiGenerator, type OpenaiGeneratorOptions } from './generator/openai-generator.js';
export type { MaxTokensField } from './generator/completion-request.js';
export { createDecisionClient, type DecisionClient, type DecisionClientOptions, type DecisionRequest } from './decisions/decision-client.js';
export type { DecisionProbabilities, DecisionQuestion } from './decisions/decision-question.js';
