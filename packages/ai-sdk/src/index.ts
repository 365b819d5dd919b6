export { alignMiddleware, type AlignMiddleware, type AlignMiddlewareOptions } from './align-middleware.js';
export { alignMetadataOf, type AlignMetadata } from './align-metadata.js';
export type { GenerateResult, Metadata, ModelCall, ModelMessage, ModelPart, StreamResult } from './model-types.js';
export type { ReasoningMode } from './part-kinds.js';
export {
  createExperimentalDecisionModel,
  type DecisionAnswer,
  type DecisionAnswers,
  type DecisionCall,
  type ExperimentalDecisionModel,
  type ExperimentalDecisionModelOptions,
} from './experimental-decision-model.js';
