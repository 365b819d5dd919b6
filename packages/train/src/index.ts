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
export { trainAlignerTokenizer } from './tokenizer/train-aligner-tokenizer.js';
export { buildLlamaDecoder } from './models/llama-decoder.js';
export { buildEncoderDecoder, type EncoderDecoder, type EncoderDecoderShape } from './models/encoder-decoder.js';
export { buildEditTagger, type LabelledEncoderShape } from './models/edit-tagger.js';
export { buildEncoderClassifier } from './models/encoder-classifier.js';
export { initialWeights } from './models/initial-weights.js';
export type { TransformerShape } from './models/transformer-shape.js';
export { withExchangeTemplate } from './packs/exchange-template.js';
export { huggingFaceConfig, type HuggingFaceConfigOptions, type JsonFiles } from './packs/hugging-face-config.js';
export { alignerTokenNames, exchangeTokenNames, type SpecialTokenNames, type TokenizerNames } from './packs/special-tokens.js';
export { quantizedName, writePack, type PackContents } from './packs/write-pack.js';
export type { EncoderConfig } from './models/encoder-config.js';
export { buildEncoder, buildInspector, type EncoderOutputs, type InspectorOutputs } from './models/inspector-encoder.js';
export { buildInspectorLoss } from './models/inspector-loss.js';
export { binaryHeadsLoss, type BinaryHeads, type BinaryHeadsWeights } from './losses/binary-heads-loss.js';
export { causalLoss, sequenceToSequenceLoss, tokenTaggingLoss } from './losses/sequence-losses.js';
export { preferenceLoss, sequenceLogProbabilities } from './losses/preference-loss.js';
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
  type TrainingStep,
  type TrainingStepOptions,
} from './trainer/training-step.js';
export { cosineSchedule, type ScheduleOptions } from './trainer/schedule.js';
export { readWeights, writeWeights } from './models/weight-file.js';
export type { BuildLoss } from './trainer/compiled-losses.js';
export type { StepState } from './trainer/step-state.js';
export type { TrainBatch } from './trainer/train-batch.js';
export type { TrainEvent } from './trainer/train-event.js';
export { trainLoop, type Evaluation, type TrainLoopOptions } from './trainer/train-loop.js';
export { train, trainPack, type TrainedPack, type TrainOptions, type TrainRequest } from './tasks/train.js';
export {
  resolveTrainConfig,
  type PackCard,
  type ResolvedTrainConfig,
  type TrainConfig,
  type TrainedCriterion,
  type TrainMethod,
} from './tasks/train-config.js';
export type { AlignerDesign, AlignerSettings, AlignerShape } from './tasks/aligner-settings.js';
export type { InspectorSettings, InspectorShape } from './tasks/inspector-settings.js';
export { correctionMessages } from './exporters/correction-messages.js';
export { toPreference, toSftChat, type CorrectedExchange, type PreferenceLine, type SftChatLine } from './exporters/chat-lines.js';
export { toTrlPreference, toTrlSft, type TrlPreferenceLine, type TrlSftLine } from './exporters/trl-lines.js';
export type { ExportFormat, LeftOut } from './exporters/export-format.js';
export { exportRecords, type ExportCounts, type ExportOptions, type RecordSource } from './exporters/export-records.js';
