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

interface Job {
  readonly task: ThreadTask;
  resolve(outputs: Record<string, Tensor>): void;
  reject(error: unknown): void;
}

/** Starts with `first`; up to `most` threads live at once, and one is started only while more runs wait than threads start. */
export function createThreadQueue(first: SessionThread, start: () => Promise<SessionThread>, most: number): ThreadQueue {
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
    threads.grow(jobs.size);
  };

  const onNone = (error: unknown): void => {
    for (const job of jobs) job.reject(error);
    jobs.clear();
  };

  const threads = createLiveThreads({ first, start, most, onChange, onNone });

  return {
    async add(task, signal) {
      let onAbort = (): void => undefined;
      try {
        return await new Promise((resolve, reject) => {
          const job: Job = { task, resolve, reject };
          onAbort = () => {
            jobs.delete(job);
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', onAbort, { once: true });
          jobs.add(job);
          onChange();
        });
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    end: () => threads.end(),
  };
}
