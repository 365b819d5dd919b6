import type { Tensor } from '../session/tensor.js';
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
  const live = new Set<SessionThread>();
  const idle: SessionThread[] = [];
  const starting = new Set<Promise<void>>();
  let limit = most;

  const adopt = (thread: SessionThread): void => {
    live.add(thread);
    idle.push(thread);
    void thread.gone.then(() => {
      live.delete(thread);
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
      pump();
    });
  };

  const grow = (): void => {
    const begun: Promise<void> = start().then(adopt, (error: unknown) => {
      // Where there are other threads, runs wait for those, and no more are tried.
      limit = Math.max(1, live.size);
      if (live.size > 0 || starting.size > 1) return;
      for (const job of jobs) job.reject(error);
      jobs.clear();
    }).finally(() => {
      starting.delete(begun);
      if (idle.length > 0) pump();
    });
    starting.add(begun);
  };

  const serve = async (thread: SessionThread, job: Job): Promise<void> => {
    try {
      job.resolve(await job.task(thread));
    } catch (error) {
      job.reject(error);
    }
    if (thread.isAlive()) idle.push(thread);
    pump();
  };

  const pump = (): void => {
    for (const job of jobs) {
      const thread = idle.pop();
      if (thread === undefined) break;
      jobs.delete(job);
      void serve(thread, job);
    }
    while (jobs.size > starting.size && live.size + starting.size < limit) grow();
  };

  adopt(first);
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
          pump();
        });
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    async end() {
      await Promise.all(starting);
      await Promise.all([...live].map((thread) => thread.end()));
    },
  };
}
