import type { ErrorCode, Inspection } from '@align-squad/core';
import type { AlignResult, Outcome, Rejection } from './result.js';

/** What the squad found and did, without any text of the exchange, so that it can go to clients and logs. */
export interface AlignReport {
  readonly outcome: Outcome;
  readonly changed: boolean;
  readonly replacedBy?: 'message' | 'fallback' | undefined;
  /** Verdicts on the answer as the LLM gave it. */
  readonly before: Readonly<Record<string, ReportedVerdict>>;
  /** Verdicts on the best text that there was. */
  readonly after: Readonly<Record<string, ReportedVerdict>>;
  readonly steps: readonly ReportedStep[];
  readonly milliseconds: number;
  /** Code of what failed. */
  readonly error?: ErrorCode | undefined;
}

/** One verdict of a report. */
export interface ReportedVerdict {
  readonly status: 'pass' | 'flag' | 'unknown';
  /** P(misaligned), in [0, 1]; absent when unknown. */
  readonly misalignment?: number | undefined;
}

/** One try at one criterion. */
export interface ReportedStep {
  readonly criterion: string;
  readonly accepted: boolean;
  readonly rejection?: Rejection | undefined;
  readonly milliseconds: number;
}

/** The report of a result; scores are rounded to four digits, times to tenths of a millisecond. */
export function reportResult(result: AlignResult): AlignReport {
  return {
    outcome: result.outcome,
    changed: result.changed,
    ...(result.replacedBy !== undefined && { replacedBy: result.replacedBy }),
    before: reportVerdicts(result.originalInspections),
    after: reportVerdicts(result.inspections),
    steps: result.steps.map(({ criterion, accepted, rejection, milliseconds }) => ({
      criterion,
      accepted,
      ...(rejection !== undefined && { rejection }),
      milliseconds: round(milliseconds, 1),
    })),
    milliseconds: round(result.timing.totalMs, 1),
    ...(result.error && { error: result.error.code }),
  };
}

function reportVerdicts(inspection: Inspection): Readonly<Record<string, ReportedVerdict>> {
  return Object.fromEntries(
    Object.entries(inspection).map(([id, verdict]) => [
      id,
      { status: verdict.status, ...(verdict.status !== 'unknown' && { misalignment: round(verdict.misalignment, 4) }) },
    ]),
  );
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
