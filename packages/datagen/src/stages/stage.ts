import type { Criterion } from '@align-squad/core';
import type { DatagenRequest } from '../executors/request.js';

/** What all stages of a run are driven by: the criterion, and how much is asked of which model. */
export interface StageSettings {
  readonly criterion: Criterion;
  /** Model that writes all but what `weakModel` writes. */
  readonly model: string;
  /** Writes the responses where responses and corrections come from two models. @default none: one model writes both */
  readonly weakModel?: string | undefined;
  readonly seed: number;
}

/** The answer of a model to a request, as a stage reads it. */
export interface StageAnswer {
  readonly request: DatagenRequest;
  readonly text: string;
  /** The model came to an end by itself. */
  readonly isComplete: boolean;
}

/** A request with the record that it was made of. */
export interface PlannedRequest<T> {
  readonly request: DatagenRequest;
  readonly source: T;
}
