import { setMaxListeners } from 'node:events';
import { AlignSquadError } from '@align-squad/core';
import type { AttemptOutcome } from './attempt.js';
import type { BudgetAccount, Reservation } from './budget.js';
import { unreachable } from './call-failure.js';
import { ExecutorStopError } from './executor-stop.js';
import { createPace, type Pace } from './pace.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';

/** What a pump works with. */
export interface RequestPumpOptions {
  /** Asks once; rejects only when its signal is aborted. */
  readonly attempt: (request: DatagenRequest, signal: AbortSignal) => Promise<AttemptOutcome>;
  readonly account: BudgetAccount;
  readonly concurrency: number;
  readonly maxRetries: number;
  /** Wait before the attempt after this many failed ones, in ms. */
  readonly backoffMs: (failures: number) => number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds. @default performance.now */
  readonly now?: (() => number) | undefined;
}

interface Task {
  readonly request: DatagenRequest;
  failures: number;
  refusals: number;
  /** When it may be tried again. */
  dueAt: number;
}

// A server that turns a request away so often will not take it; the pace fell each time.
const mostRefusals = 50;

/**
 * Keeps as many requests in progress as the pace allows. A request that waits for another attempt takes no place, no request
 * is read before there is a place for it, and answers that nobody took yet count as work, so that a slow reader slows it down.
 */
export class RequestPump {
  readonly #options: RequestPumpOptions;
  readonly #source: AsyncIterator<DatagenRequest>;
  readonly #now: () => number;
  readonly #pace: Pace;
  readonly #controller = new AbortController();
  readonly #attempts = new Set<Promise<void>>();
  readonly #ready: DatagenAnswer[] = [];
  #waiting: Task[] = [];
  #isReading = false;
  #isRead = false;
  #failure: { readonly error: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(requests: AsyncIterable<DatagenRequest>, options: RequestPumpOptions) {
    this.#options = options;
    this.#source = requests[Symbol.asyncIterator]();
    this.#now = options.now ?? (() => performance.now());
    this.#pace = createPace(options.concurrency, this.#now);
    // Each attempt listens, so many listeners are no leak.
    setMaxListeners(0, this.#controller.signal);
  }

  /** The answers as they come. Rejects with the reason of the signal, an `ExecutorStopError`, or what the requests threw. */
  async *answers(): AsyncGenerator<DatagenAnswer> {
    const { signal } = this.#options;
    const onAbort = (): void => {
      this.#controller.abort();
      this.#wake();
    };
    signal?.addEventListener('abort', onAbort);
    try {
      for (;;) {
        signal?.throwIfAborted();
        this.#fill();
        const answer = this.#ready.shift();
        if (answer) yield answer;
        else if (this.#isOver()) break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await this.#close();
    }
  }

  #isOver(): boolean {
    if (this.#attempts.size > 0) return false;
    return this.#failure !== undefined || (this.#isRead && this.#waiting.length === 0);
  }

  /** Starts what may be started; called whenever a place, a request or some time may have come. */
  #fill(): void {
    clearTimeout(this.#timer);
    const { concurrency } = this.#options;
    // One time for all: what is not due at it is what the timer is set for.
    const at = this.#now();
    while (!this.#failure && this.#pace.hasRoom(this.#attempts.size, at) && this.#ready.length < concurrency) {
      const task = this.#waiting.find(({ dueAt }) => dueAt <= at);
      if (!task) {
        this.#read();
        break;
      }
      if (!this.#start(task)) break;
    }
    if (this.#failure || this.#controller.signal.aborted) return;
    const times = [this.#pace.resumesAt, ...this.#waiting.map(({ dueAt }) => dueAt)].filter((time) => time > at);
    if (times.length > 0) this.#timer = setTimeout(() => this.#fill(), Math.ceil(Math.min(...times) - at));
  }

  #read(): void {
    if (this.#isReading || this.#isRead || this.#waiting.length >= this.#options.concurrency) return;
    this.#isReading = true;
    const done = (): void => {
      this.#isReading = false;
      this.#fill();
      this.#wake();
    };
    this.#source.next().then(
      (next) => {
        if (next.done === true) this.#isRead = true;
        else this.#waiting.push({ request: next.value, failures: 0, refusals: 0, dueAt: Number.NEGATIVE_INFINITY });
        done();
      },
      (error: unknown) => {
        this.#isRead = true;
        this.#fail(error);
        done();
      },
    );
  }

  /** Whether the task is in progress now; otherwise it waits for the budget, or the run is over. */
  #start(task: Task): boolean {
    const { account, attempt } = this.#options;
    if (!account.isPriced(task.request)) {
      this.#fail(new AlignSquadError('Expected `budget.prices` to hold a price of each model that is asked; one is missing.', { code: 'invalid-options' }));
      return false;
    }
    const reservation = account.reserve(task.request);
    if (!reservation) {
      // What is in progress mostly costs less than it holds, so there may be enough later.
      if (this.#attempts.size === 0) this.#fail(new ExecutorStopError(describeBudget(account), { stop: 'budget-spent' }));
      return false;
    }
    this.#waiting = this.#waiting.filter((other) => other !== task);
    const sentAt = this.#now();
    const settled = attempt(task.request, this.#controller.signal).then(
      (outcome) => {
        this.#attempts.delete(settled);
        this.#settle({ task, reservation, sentAt }, outcome);
        this.#fill();
        this.#wake();
      },
      (error: unknown) => {
        this.#attempts.delete(settled);
        account.settle(reservation, 'worst');
        this.#fail(error);
      },
    );
    this.#attempts.add(settled);
    return true;
  }

  #settle({ task, reservation, sentAt }: { readonly task: Task; readonly reservation: Reservation; readonly sentAt: number }, outcome: AttemptOutcome): void {
    const { account, maxRetries, backoffMs } = this.#options;
    const { id } = task.request;
    const isUnanswered = outcome.kind === 'retry' && outcome.isUnanswered;
    account.settle(reservation, outcome.kind === 'answered' ? (outcome.usage ?? 'worst') : isUnanswered ? 'worst' : 'nothing');
    switch (outcome.kind) {
      case 'answered':
        this.#pace.onAccepted(outcome.waitMs);
        this.#ready.push(outcome.answer);
        return;
      case 'rate-limited': {
        task.refusals += 1;
        const waitMs = outcome.waitMs ?? backoffMs(task.refusals);
        this.#pace.onRateLimit({ waitMs, sentAt, active: this.#attempts.size });
        if (task.refusals > mostRefusals) this.#ready.push({ id, ok: false, reason: 'rate-limited' });
        else this.#waiting.push({ ...task, dueAt: this.#now() + waitMs });
        return;
      }
      case 'retry':
        task.failures += 1;
        if (task.failures <= maxRetries) this.#waiting.push({ ...task, dueAt: this.#now() + backoffMs(task.failures) });
        else if (outcome.isUnreachable) this.#fail(unreachable());
        else this.#ready.push({ id, ok: false, reason: outcome.reason });
        return;
      case 'final':
        this.#ready.push({ id, ok: false, reason: outcome.reason });
        return;
      case 'stop':
        this.#fail(outcome.error);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Ends the run. What is in progress is given up, unless the account at the server is empty: that was paid already. */
  #fail(error: unknown): void {
    this.#failure ??= { error };
    if (!(error instanceof ExecutorStopError && error.stop === 'quota-spent')) this.#controller.abort();
    this.#wake();
  }

  async #close(): Promise<void> {
    this.#failure ??= { error: undefined };
    clearTimeout(this.#timer);
    this.#controller.abort();
    await Promise.all(this.#attempts);
    if (this.#isRead) return;
    const ended = Promise.resolve(this.#source.return?.());
    // A source that is stuck in its next request can't end before that, and an abort waits for nothing.
    if (this.#isReading || this.#options.signal?.aborted) ended.catch(() => undefined);
    else await ended;
  }
}

function describeBudget({ spent }: BudgetAccount): string {
  return `The budget does not cover another request: ${spent.tokens} tokens were spent${spent.money > 0 ? `, which cost ${spent.money.toFixed(4)}` : ''}. Answers so far are good; give a larger \`budget\` to go on.`;
}
