import type { Executor } from './executor.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';

interface Asked {
  readonly answer: Promise<DatagenAnswer | undefined>;
  readonly resolve: (answer: DatagenAnswer | undefined) => void;
}

/** Hands single requests to one long run of an executor, so that its pace and budget hold for all of them. */
export class QueueDesk {
  /** Settles with the run: rejects with what it threw. */
  readonly ended: Promise<void>;
  readonly #controller = new AbortController();
  readonly #asked = new Map<string, Asked>();
  readonly #waiting: DatagenRequest[] = [];
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(executor: Executor) {
    this.ended = this.#run(executor).finally(() => this.close());
    this.ended.catch(() => undefined);
  }

  /** The answer, or nothing when the run ended before it. */
  async ask(request: DatagenRequest): Promise<DatagenAnswer | undefined> {
    if (this.#isClosed) return undefined;
    // A job that this worker lost may come to it again while the first is in progress.
    const known = this.#asked.get(request.id);
    if (known) return known.answer;
    let resolve: Asked['resolve'] = () => undefined;
    const answer = new Promise<DatagenAnswer | undefined>((settle) => (resolve = settle));
    this.#asked.set(request.id, { answer, resolve });
    this.#waiting.push(request);
    this.#wake();
    return answer;
  }

  /** Ends the run. */
  close(): void {
    this.#isClosed = true;
    this.#controller.abort();
    for (const { resolve } of this.#asked.values()) resolve(undefined);
    this.#asked.clear();
    this.#wake();
  }

  async #run(executor: Executor): Promise<void> {
    for await (const answer of executor.run(this.#requests(), { signal: this.#controller.signal })) {
      this.#asked.get(answer.id)?.resolve(answer);
      this.#asked.delete(answer.id);
    }
  }

  async *#requests(): AsyncGenerator<DatagenRequest> {
    while (!this.#isClosed) {
      const request = this.#waiting.shift();
      if (request) yield request;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
