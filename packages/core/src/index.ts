export { AlignSquadError, toAlignSquadError, type AlignSquadErrorOptions, type ErrorCode } from './errors.js';
export { exchangeSchema, parseExchange, promptText, type Exchange, type Message } from './exchange.js';
export { describeIssues, parseWith, type ParseOptions } from './parse.js';
export { criterionSchema, parseCriterion, type Criterion, type Demonstration, type SeedQuestion } from './criterion.js';
export { builtInCriteria, ethical, factual, helpful } from './criteria/index.js';
export type {
  Inspection,
  InspectOptions,
  Inspector,
  InspectorAbilities,
  SpanScore,
  UnknownReason,
  Verdict,
} from './inspector.js';
export {
  collectCorrection,
  type Aligner,
  type AlignerAbilities,
  type AlignerOptions,
  type AlignEvent,
  type AlignRequest,
  type Correction,
} from './aligner.js';
export {
  collectCompletion,
  type Completion,
  type GenerateEvent,
  type GenerateRequest,
  type TextGenerator,
  type TokenLogprob,
} from './text-generator.js';
export { splitSentences, type TextSpan } from './text/sentences.js';
export { createSentenceSplitter, type SentenceSplitter, type SentenceSplitterOptions } from './text/sentence-splitter.js';
export { createStopTexts, type StopTexts } from './text/stop-texts.js';
export { tokenF1 } from './text/token-f1.js';
export { raceAbort } from './race-abort.js';
export { createRandom, type Random } from './random.js';
export { withoutUndefined, type Defined } from './without-undefined.js';
