export { createRandom, type Random } from '@align-squad/core';
export {
  logisticProbability,
  trainLogisticRegression,
  type LogisticExample,
  type LogisticSettings,
  type SparseVector,
} from './linear/logistic-regression.js';
export { buildNgramFeatures, buildWideAndDeep } from './models/wide-and-deep.js';
export { denseFeatureCount, ngramColumns, numberTokensName, type NgramColumn, type NgramFeatures } from './models/ngram-features.js';
export { trainByteLevelBpe, type BpeOptions } from './tokenizer/train-bpe.js';
export type { EncoderConfig } from './models/encoder-config.js';
export { buildEncoder, buildInspector, type EncoderOutputs, type InspectorOutputs } from './models/inspector-encoder.js';
export { buildInspectorLoss, type InspectorLossWeights } from './models/inspector-loss.js';
export { buildMaskedLanguageModel } from './models/masked-language-model.js';
export {
  buildContrastiveLoss,
  buildTextEmbedder,
  type PairShape,
  type TextEmbedderConfig,
  type TextEmbedderInputs,
} from './models/text-embedder.js';
export {
  frozenWeights,
  trainableWeights,
  type DeclareWeight,
  type Weight,
  type Weights,
  type WeightStart,
} from './models/weights.js';
export { createAdamW, type AdamW, type AdamWOptions, type OptimizedParameter } from './optimizer/adamw.js';
export {
  createTrainingStep,
  type Batch,
  type BuildLoss,
  type TrainingStep,
  type TrainingStepOptions,
} from './trainer/training-step.js';
export { cosineSchedule, type ScheduleOptions } from './trainer/schedule.js';
export { readWeights, writeWeights } from './models/weight-file.js';
