import type { Inspection } from '@align-squad/core';
import type { AlignReport, AlignResult, StreamEnd, StreamEvent } from '@align-squad/squad';
import type { ServedCriterion } from '../../criteria-route.js';

/** Answer of `GET /v1/criteria`. */
export interface CriteriaReply {
  readonly criteria: readonly ServedCriterion[];
}

/** Answer of `POST /v1/inspect`. */
export interface InspectReply {
  readonly inspections: Inspection;
}

/** Answer of `POST /v1/align`. */
export interface AlignReply extends Pick<AlignResult, 'response' | 'steps' | 'changes' | 'inspections' | 'originalInspections'> {
  readonly report: AlignReport;
}

/** The last event of `POST /v1/align` with `stream`. */
export interface StreamEndReply {
  readonly type: 'end';
  readonly response: string;
  readonly report: AlignReport;
}

/** An event of `POST /v1/align` with `stream`. */
export type StreamReply = Exclude<StreamEvent, StreamEnd> | StreamEndReply;

/** What can go wrong with a request. */
export interface Failure {
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;
  readonly message: string;
}

/** What is asked of a route that takes an exchange. */
export interface ExchangeRequest {
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  readonly response: string;
  readonly criteria: readonly string[];
  readonly thresholds?: Readonly<Record<string, number>> | undefined;
}
