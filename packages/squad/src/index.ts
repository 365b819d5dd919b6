export type { ExchangeSource } from './align-many.js';
export { createSquad, type Squad } from './create-squad.js';
export type {
  Acceptance,
  AlignManyOptions,
  AlignOptions,
  FallbackFunction,
  FallbackInfo,
  FallbackPolicy,
  Margins,
  SquadInspectOptions,
  SquadOptions,
  UnfixedPolicy,
} from './options.js';
export type { AlignResult, DiffPart, OpenOutcome, Outcome, Rejection, Step, TextChange, Timing } from './result.js';
export { diffTexts } from './diff-texts.js';
export { withCache, type Cached, type CacheOptions } from './wrappers/with-cache.js';
export type { CacheStats } from './wrappers/cache-store.js';
export { withDeadline, type DeadlineOptions } from './wrappers/with-deadline.js';
export { withTracing, type TracingOptions } from './wrappers/with-tracing.js';
export type { TracingAttributes, TracingSpan, TracingTracer } from './wrappers/tracer.js';
export { alignStream } from './stream/align-stream.js';
export { collectStream } from './stream/collect-stream.js';
export type { CorrectionEvent, StreamEnd, StreamEvent, StreamStep, VerdictEvent } from './stream/events.js';
export type { TextSource } from './stream/open-text-source.js';
export type { AlignStreamOptions } from './stream/options.js';
export { alignParts, type AlignPartsOptions, type PartRole } from './stream/align-parts.js';
export { reportResult, type AlignReport, type ReportedStep, type ReportedVerdict } from './report-result.js';
