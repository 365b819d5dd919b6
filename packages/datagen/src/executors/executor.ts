import type { DatagenAnswer, DatagenRequest } from './request.js';

/** Options of one run of an executor. */
export interface ExecutorRunOptions {
  /** Stops the run: the generator rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Asks a model: an API, a batch service, a script. */
export interface Executor {
  readonly name: string;
  /**
   * Answers each request once, as answers come and in any order, and reads no more requests than it can ask.
   * @throws ExecutorStopError when nothing more can be asked; answers that came before it were given. The signal's reason.
   */
  run(requests: AsyncIterable<DatagenRequest>, options: ExecutorRunOptions): AsyncGenerator<DatagenAnswer>;
}
