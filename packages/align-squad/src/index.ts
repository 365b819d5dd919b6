export { alignSquad, disposeDefaultSquad, inspect, type AlignSquadOptions, type InspectResponseOptions } from './align-squad.js';
export { alignStream, type AlignStreamOptions } from './align-stream.js';
export type { ResponseOptions } from './call-squad.js';
export { createSquad, type CreateSquadOptions } from './create-squad.js';
export { defaultPack } from './default-pack.js';
export type { DisposableSquad } from './disposable-squad.js';
export {
  AlignSquadError,
  type Aligner,
  type Criterion,
  type ErrorCode,
  type Exchange,
  type Inspection,
  type Inspector,
  type Message,
  type SpanScore,
  type UnknownReason,
  type Verdict,
} from '@align-squad/core';
export {
  collectStream,
  diffTexts,
  type Acceptance,
  type AlignManyOptions,
  type AlignOptions,
  type AlignResult,
  type CorrectionEvent,
  type DiffPart,
  type ExchangeSource,
  type FallbackFunction,
  type FallbackInfo,
  type FallbackPolicy,
  type Margins,
  type OpenOutcome,
  type Outcome,
  type Rejection,
  type Squad,
  type Step,
  type StreamEnd,
  type StreamEvent,
  type StreamStep,
  type TextChange,
  type TextSource,
  type Timing,
  type UnfixedPolicy,
  type VerdictEvent,
} from '@align-squad/squad';
