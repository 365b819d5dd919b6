import {
  toAlignSquadError,
  type Aligner,
  type AlignSquadError,
  type Exchange,
  type Inspection,
} from '@align-squad/core';
import { inspectWithPanel, type PanelOptions, type PanelResult } from './panel.js';
import type { ResolvedAlignOptions } from './resolve-options.js';
import type { Step, Timing } from './result.js';

/** What every step of one call works with. */
export interface Run extends PanelOptions {
  readonly aligners: readonly Aligner[];
  readonly options: ResolvedAlignOptions;
}

/** One exchange on its way through the squad; the only thing that steps change. */
export interface Draft {
  readonly exchange: Exchange;
  /** Verdicts on the original response. */
  readonly originalInspection: Inspection;
  /** The text so far: the original or the last accepted rewrite. */
  response: string;
  /** Verdicts on `response`. */
  inspection: Inspection;
  readonly steps: Step[];
  /** Verdicts on every text scored in this call, so that none is scored twice. */
  readonly scored: Map<string, Inspection>;
  timing: Timing;
  /** The first failure of a backend. */
  failure?: AlignSquadError | undefined;
  /** Set when the deadline cut work on this exchange short. */
  timeout?: AlignSquadError | undefined;
}

/** A text to score, and the draft that it belongs to; a list holds one text a draft, or texts of one draft only. */
export interface ScoreJob {
  readonly draft: Draft;
  readonly response: string;
}

/** Inspects the original responses. */
export async function createDrafts(run: Run, exchanges: readonly Exchange[]): Promise<Draft[]> {
  const drafts = exchanges.map(
    (exchange): Draft => ({
      exchange,
      originalInspection: {},
      response: exchange.response,
      inspection: {},
      steps: [],
      scored: new Map(),
      timing: { totalMs: 0, inspectMs: 0, alignMs: 0, inspectorCalls: 0 },
    }),
  );
  const inspections = await scoreTexts(
    run,
    drafts.map((draft) => ({ draft, response: draft.response })),
  );
  return drafts.map((draft, index) => {
    const inspection = inspections[index] ?? {};
    const timing = { ...draft.timing, totalMs: draft.timing.inspectMs };
    return { ...draft, timing, inspection, originalInspection: inspection };
  });
}

/** Verdicts on the texts, in order, in one batch; those that a draft has seen before cost nothing. */
export async function scoreTexts(run: Run, jobs: readonly ScoreJob[]): Promise<Inspection[]> {
  const isFirst = (job: ScoreJob, index: number): boolean =>
    index === jobs.findIndex(({ draft, response }) => draft === job.draft && response === job.response);
  const fresh = jobs.filter((job, index) => !job.draft.scored.has(job.response) && isFirst(job, index));
  const startedMs = run.now();
  let calls = 0;
  const results = await inspectWithPanel(
    fresh.map(({ draft, response }) => ({ ...draft.exchange, response })),
    { ...run, onCall: () => (calls += 1) },
  );
  const whole = { calls, milliseconds: run.now() - startedMs };
  for (const [index, { draft, response }] of fresh.entries()) {
    const result = results[index];
    if (!result) continue;
    draft.scored.set(response, result.inspection);
    if (result.failure) noteFailure(run, draft, result.failure);
  }
  for (const draft of new Set(fresh.map((job) => job.draft))) {
    const own = results.filter((_result, index) => fresh[index]?.draft === draft);
    // several texts of one draft are the whole batch: nobody else shares its calls
    addInspection(draft, own.length === 1 ? (own[0] ?? whole) : whole);
  }
  return jobs.map(({ draft, response }) => draft.scored.get(response) ?? {});
}

function addInspection(draft: Draft, { calls, milliseconds }: Pick<PanelResult, 'calls' | 'milliseconds'>): void {
  const { inspectMs, inspectorCalls } = draft.timing;
  draft.timing = {
    ...draft.timing,
    inspectMs: inspectMs + milliseconds,
    inspectorCalls: inspectorCalls + calls,
  };
}

/** Says that the deadline cut work on the draft short. */
export function noteTimeout(run: Run, draft: Draft): void {
  noteFailure(run, draft, toAlignSquadError(run.scope.signal.reason, 'The deadline has passed.', 'deadline-exceeded'));
}

/** Keeps what went wrong; a passed deadline is told apart from a backend's own failure. */
export function noteFailure(run: Run, draft: Draft, error: AlignSquadError): void {
  if (error === run.scope.signal.reason) draft.timeout ??= error;
  else draft.failure ??= error;
}
