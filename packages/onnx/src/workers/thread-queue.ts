import type { Tensor } from '../session/tensor.js';
import { createLiveThreads } from './live-threads.js';
import type { SessionThread } from './session-thread.js';

/** One run on the thread that it gets. */
export type ThreadTask = (thread: SessionThread) => Promise<Record<string, Tensor>>;

/** Runs that wait for a thread, first come first served. */
export interface ThreadQueue {
  /** Rejects with what the task or the start of a thread rejects with, or with the signal's reason. */
  add(task: ThreadTask, signal: AbortSignal | undefined): Promise<Record<string, Tensor>>;
  /** Ends all threads, for when nothing waits. */
  end(): Promise<void>;
}

/** How a queue gets its threads. */
export interface ThreadQueueOptions {
  readonly first: SessionThread;
  /** Starts one more. */
  readonly start: () => Promise<SessionThread>;
  /** Most that live at once. */
  readonly most: number;
  /** How long a run waits before it is worth another thread. */
  readonly patienceMs: number;
}

interface Job {
  readonly task: ThreadTask;
  isLate: boolean;
  resolve(outputs: Record<string, Tensor>): void;
  reject(error: unknown): void;
}

/**
 * Starts with `first`; up to `most` threads live at once. One is started where none is left, and for each run that has
 * waited for `patienceMs`: where that is what a start takes, no order of runs is served much later than by the best choice.
 */
export function createThreadQueue({ first, start, most, patienceMs }: ThreadQueueOptions): ThreadQueue {
  const jobs = new Set<Job>();

  const serve = async (thread: SessionThread, job: Job): Promise<void> => {
    try {
      job.resolve(await job.task(thread));
    } catch (error) {
      job.reject(error);
    }
    threads.giveBack(thread);
  };

  const onChange = (): void => {
    for (const job of jobs) {
      const thread = threads.take();
      if (thread === undefined) break;
      jobs.delete(job);
      void serve(thread, job);
    }
    threads.grow({ waiting: jobs.size, late: [...jobs].filter(({ isLate }) => isLate).length });
  };

  const onNone = (error: unknown): void => {
    for (const job of jobs) job.reject(error);
    jobs.clear();
  };

  const threads = createLiveThreads({ first, start, most, onChange, onNone });

  return {
    async add(task, signal) {
      let onAbort = (): void => undefined;
      let patience: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          const job: Job = { task, isLate: patienceMs <= 0, resolve, reject };
          onAbort = () => {
            jobs.delete(job);
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', onAbort, { once: true });
          jobs.add(job);
          onChange();
          if (!jobs.has(job) || job.isLate) return;
          patience = setTimeout(() => {
            job.isLate = true;
            onChange();
          }, patienceMs).unref();
        });
      } finally {
        clearTimeout(patience);
        signal?.removeEventListener('abort', onAbort);
      }
    },
    end: () => threads.end(),
  };
}
