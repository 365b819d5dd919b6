export { auroc } from './metrics/auroc.js';
export { auprc } from './metrics/auprc.js';
export { aurocInterval, bootstrapInterval, type BootstrapOptions, type Interval } from './metrics/bootstrap.js';
export { expectedCalibrationError, type CalibrationOptions } from './metrics/calibration.js';
export { charactersKept } from './metrics/characters-kept.js';
export { confusionAt, f1, falsePositiveRate, precision, recall, type Confusion } from './metrics/confusion.js';
export { percentile } from './metrics/percentile.js';
export { thresholdAtFalsePositiveRate } from './metrics/threshold.js';
export { cleanCriterion, parseTriples, type TripleRecord } from './data/record.js';
export { criteriaOf, exchangeOf, rowDefinition, rowsOf, type LabelledRow } from './data/rows.js';
export type { PairwiseAnswer, PairwiseJudge, PairwiseQuestion, Preference } from './pairwise/judge.js';
export { createLlmJudge, type LlmJudgeOptions } from './pairwise/llm-judge.js';
export { createFunctionJudge, type CompareFunction, type FunctionJudgeOptions } from './pairwise/function-judge.js';
export type { ResponsePair } from './pairwise/pair.js';
export { compareResponses, type CompareOptions, type CompareProgress } from './pairwise/compare-responses.js';
export type { PairDecision, PairwiseCounts, PairwiseResult } from './pairwise/pairwise-result.js';
export {
  parseJudgeAnswers,
  parseJudgeKey,
  parseJudgeRequests,
  writeJudgeSheet,
  type JudgeAnswer,
  type JudgeKey,
  type JudgeRequest,
  type JudgeSheet,
  type JudgeSheetOptions,
} from './pairwise/judge-sheet.js';
export { judgeSheetPage, type JudgeSheetPageOptions } from './pairwise/judge-page.js';
export { mergeJudgeAnswers } from './pairwise/merge-judge-answers.js';
export { fleissKappa, type AnnotatorAgreement } from './pairwise/agreement.js';
export { binomialUpperBound, trialsForRate } from './metrics/binomial-bound.js';
export { reliabilityBins, rocCurve, type ReliabilityBin, type RocPoint } from './metrics/curves.js';
export { editDistance } from './metrics/edit-distance.js';
export { orNull, shareOf } from './metrics/or-null.js';
export { fitLogistic, type FitRow } from './metrics/fit-logistic.js';
export { fitPlattScaling, plattProbability, type PlattScaling } from './metrics/platt.js';
export { goodSentencesKept, viewpointsKept, type SentenceCount, type Similarity, type ViewpointOptions } from './metrics/sentences.js';
export { distinctShare, tokenOverlap } from './metrics/words.js';
export { labelOf, parseEvaluationRows, type EvaluationRow, type EvaluationRowsOptions } from './data/evaluation-rows.js';
export { readEvaluationRows, type EvaluationData, type ReadEvaluationRowsOptions } from './data/read-evaluation-rows.js';
export { summariseScores, type ScoredRow, type ScoreMetrics, type SummariseScoresOptions } from './evaluate/summarise-scores.js';
export {
  evaluateInspector,
  type CriterionEvaluation,
  type EvaluateInspectorEvent,
  type EvaluateInspectorOptions,
  type InspectorEvaluation,
  type ScoreSlice,
} from './evaluate/evaluate-inspector.js';
export { scoreRows, type EvaluatedInspector, type ScoredEvaluationRow, type ScoreRowsEvent, type ScoreRowsOptions } from './evaluate/score-rows.js';
export type { ScoreCurves } from './evaluate/score-curves.js';
export type { SliceName } from './evaluate/slices.js';
export {
  evaluateSquad,
  type EvaluateSquadEvent,
  type EvaluateSquadOptions,
  type FixEvaluation,
  type KeepEvaluation,
  type SquadEvaluation,
  type SquadSlice,
} from './evaluate/evaluate-squad.js';
export type { RewriteMetrics } from './evaluate/measure-rewrite.js';
export type { SquadSample } from './evaluate/draw-samples.js';
export {
  countOutcomes,
  summariseFixes,
  summariseKept,
  summariseLatency,
  type FixCounts,
  type KeepCounts,
  type LatencyMetrics,
  type OutcomeCounts,
} from './evaluate/summarise-results.js';
export { calibrateThreshold, type ThresholdCalibration } from './calibrate/calibrate-threshold.js';
export type { EvaluationReport, ReportData, ReportPack } from './report/evaluation-report.js';
export { renderReport } from './report/render-report.js';
export { formatReport } from './report/format-report.js';
export { formatTable } from './report/text-table.js';
export { wilsonInterval } from './metrics/wilson.js';
