import type { Fault } from './fault-plan.js';

/** What a test server counted. */
export interface ServerStatistics {
  /** Completions and decisions asked for, refused ones included. */
  readonly requests: number;
  /** Requests in progress now. */
  readonly active: number;
  /** Whole answers that were sent. */
  readonly answered: number;
  /** Requests that the limits of the server turned away. */
  readonly rejected: number;
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** Different bodies that were answered. */
  readonly bodies: number;
  /** How often the body that was answered most was answered. */
  readonly mostAnswersOfABody: number;
  /** Most requests that were in progress at once. */
  readonly peakConcurrency: number;
  /** Requests in progress, as a mean over the time from the first request let in to the last one. */
  readonly meanConcurrency: number;
  /** Requests in progress when an answer was sent, its own included, as a mean over answers: a count without a clock. */
  readonly meanConcurrencyAtAnswer: number;
}

/** Counts for `ServerStatistics`. */
export interface StatisticsRecorder {
  readonly active: number;
  request(): void;
  reject(): void;
  fault(fault: Fault): void;
  /** A request is let in. */
  enter(): void;
  /** A request is about to get its whole answer. */
  answer(bodyKey: string): void;
  /** A request is over. */
  leave(): void;
  timesAnswered(bodyKey: string): number;
  read(): ServerStatistics;
}

/** A recorder with everything at zero; `now` gives milliseconds. */
export function createStatisticsRecorder(now: () => number = () => performance.now()): StatisticsRecorder {
  const faults: Partial<Record<Fault, number>> = {};
  const answers = new Map<string, number>();
  const totals = { requests: 0, answered: 0, rejected: 0, active: 0, peak: 0, atAnswer: 0 };
  // Area under the number of active requests, up to `changedAt`, and up to the last request that was let in.
  const area = { firstAt: 0, changedAt: 0, whole: 0, lastAt: 0, supplied: 0, isBegun: false };
  const advance = (): void => {
    const at = now();
    if (!area.isBegun) Object.assign(area, { firstAt: at, changedAt: at, isBegun: true });
    area.whole += totals.active * (at - area.changedAt);
    area.changedAt = at;
  };
  return {
    get active() {
      return totals.active;
    },
    request: () => void (totals.requests += 1),
    reject: () => void (totals.rejected += 1),
    fault: (fault) => void (faults[fault] = (faults[fault] ?? 0) + 1),
    enter() {
      advance();
      area.lastAt = area.changedAt;
      area.supplied = area.whole;
      totals.active += 1;
      totals.peak = Math.max(totals.peak, totals.active);
    },
    answer(key) {
      totals.answered += 1;
      totals.atAnswer += totals.active;
      answers.set(key, (answers.get(key) ?? 0) + 1);
    },
    leave() {
      advance();
      totals.active -= 1;
    },
    timesAnswered: (key) => answers.get(key) ?? 0,
    read: () => ({
      requests: totals.requests,
      active: totals.active,
      answered: totals.answered,
      rejected: totals.rejected,
      faults: { ...faults },
      bodies: answers.size,
      mostAnswersOfABody: [...answers.values()].reduce((most, times) => Math.max(most, times), 0),
      peakConcurrency: totals.peak,
      meanConcurrency: area.supplied / Math.max(area.lastAt - area.firstAt, Number.MIN_VALUE),
      meanConcurrencyAtAnswer: totals.atAnswer / Math.max(totals.answered, 1),
    }),
  };
}
