export type { ImagePart, Question, Topic, Triple } from './records/records.js';
export { createRequest, type DatagenAnswer, type DatagenRequest, type RequestBody, type RequestMessage, type TokenUsage } from './executors/request.js';
export type { Executor, ExecutorRunOptions } from './executors/executor.js';
export { createOnlineExecutor, type OnlineExecutorOptions } from './executors/online.js';
export { createQueueExecutor, type QueueExecutorOptions } from './executors/queue.js';
export { runQueueWorker, type QueueWorkerOptions } from './executors/queue-worker.js';
export { createBatchExecutor, type ApiBatchOptions, type BatchExecutorOptions, type FilesBatchOptions } from './executors/batch.js';
export type { MaxTokensField } from './executors/chat-completion.js';
export { ExecutorStopError, executorStopOf, type ExecutorStop } from './executors/executor-stop.js';
export type { ExecutorBudget, ModelPrices, TokenPrice } from './executors/budget.js';
export type { ClientOptions } from '@align-squad/llm';
export { generateDataset, type DatagenEvent, type GenerateOptions } from './run/generate.js';
export type { StageProgress } from './run/ask-stage.js';
export type { StageSpending } from './run/stage-costs.js';
export type { RunSpending } from './run/run-spending.js';
export { readRunStatus, type RunStatus } from './run/run-status.js';
export { resolveRunSettings, type ResolvedRunSettings, type RunSettings } from './run/run-settings.js';
export type { TripleFormatName } from './stages/triples.js';
export { cleanTriples, type CleanedTriples, type CleanOptions, type FilterReport, type FilterSelection } from './clean/clean-triples.js';
export { planSplit, splitTriples, type SplitOptions, type SplitPlan, type SplitTriples } from './clean/split-triples.js';
export { nearDuplicateClusters } from './clean/near-duplicate-clusters.js';
export type { DatasetCard } from './dataset/dataset-card.js';
export { exportDataset, type DatasetFormat, type ExportDatasetOptions, type ExportedDataset } from './dataset/export-dataset.js';
export { formatDatasetCard } from './dataset/format-dataset-card.js';
export type { StageAnswer, StageSettings, PlannedRequest } from './stages/stage.js';
export { openJournal, type Journal } from './run/journal.js';
export { askStage, stageResults, type AskedStage, type StageTools } from './run/ask-stage.js';
export { annotatorCascade, type CascadeOptions, type CascadeResult } from './curate/annotator-cascade.js';
export type { CascadeReport, LinkAgreement, LinkReport, LinkRun } from './curate/cascade-report.js';
export { labelItems, type Annotator, type LabelItem, type LabelSettings } from './curate/label-requests.js';
export type { CascadeLabel, LinkLabel, LinkLabels } from './curate/link-labels.js';
export {
  clearReflectionOf,
  clearReflectionRequests,
  clearSampleOf,
  clearSampleRequests,
  type ClearReflection,
  type ClearSample,
} from './curate/clear-evidence.js';
export { clearConfidences, clearFilter, type ClearConfidenceOptions, type ClearEvidence, type ClearFilterReport, type ScoredTriple } from './curate/clear-filter.js';
export { clearCandidateOf, clearCandidateRequest, clearJudgementOf, clearJudgeRequests, type ClearCandidate, type ClearJudgement, type JudgementOrder } from './curate/clear-judge.js';
export { clearCorrect, type ClearCorrectOptions, type ClearCorrectReport } from './curate/clear-correct.js';
export { selectTopShare, type PreferenceReport, type PreferenceStep, type SelectionOptions } from './curate/select-top-share.js';
export { restyledOf, restyleRequest, reviewOf, reviewRequest, type RestyledTriple, type RestyleReview } from './curate/restyle-requests.js';
export { preferenceCascade, type PreferenceCascadeOptions, type PreferenceCascadeReport } from './curate/preference-cascade.js';
export { selfGuideInputOf, selfGuideOutputRequest, selfGuideRequests, selfGuideTripleOf, type SelfGuideInput, type SelfGuideOptions } from './curate/self-guide.js';
export { selfGuideClean, selfGuideFilters, type SelfGuideCleanOptions } from './curate/self-guide-clean.js';
export type { TextSimilarity } from './curate/token-similarity.js';
