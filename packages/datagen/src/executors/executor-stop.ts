import { AlignSquadError } from '@align-squad/core';

/**
 * Why an executor can't ask anything more, while no request is at fault:
 * - `unauthorized`: the server refused the key (401, 403).
 * - `not-found`: the server knows no such address or model (404).
 * - `quota-spent`: the account at the server has nothing left.
 * - `budget-spent`: the next request could go beyond the budget that was given.
 * - `unreachable`: no connection could be made.
 * - `responses-missing`: request files were written and wait to be answered.
 * - `batch-failed`: the service would not work on a batch.
 */
export type ExecutorStop = 'unauthorized' | 'not-found' | 'quota-spent' | 'budget-spent' | 'unreachable' | 'responses-missing' | 'batch-failed';

/** Options of an `ExecutorStopError`. */
export interface ExecutorStopOptions {
  readonly stop: ExecutorStop;
  /** @default none */
  readonly files?: readonly string[] | undefined;
}

/** The end of a run before its last request, with code `generator-failed`; what was asked can be gone on with later. */
export class ExecutorStopError extends AlignSquadError {
  readonly stop: ExecutorStop;
  /** Paths of the request files that wait to be answered. */
  readonly files: readonly string[];

  // Errors of a client or server hold keys and prompts, so there is no cause.
  constructor(message: string, { stop, files = [] }: ExecutorStopOptions) {
    super(message, { code: 'generator-failed' });
    this.stop = stop;
    this.files = files;
  }
}

/** Why the run stopped, when `error` is such a stop, also of another copy of this package. */
export function executorStopOf(error: unknown): ExecutorStop | undefined {
  return AlignSquadError.isInstance(error) && 'stop' in error ? (error as ExecutorStopError).stop : undefined;
}
