import type { SessionThread } from './session-thread.js';

/** How threads are started and told of. */
export interface LiveThreadsOptions {
  readonly first: SessionThread;
  /** Starts one more. */
  readonly start: () => Promise<SessionThread>;
  /** Most that live at once. */
  readonly most: number;
  /** Told when there may be an idle thread, or room for another one. */
  readonly onChange: () => void;
  /** Told when no thread is left and none could be started. */
  readonly onNone: (error: unknown) => void;
}

/** The threads of a pool. */
export interface LiveThreads {
  /** Takes an idle one, where there is one. */
  take(): SessionThread | undefined;
  /** Makes one idle again, unless it died. */
  giveBack(thread: SessionThread): void;
  /**
   * Starts one for each run that has waited too long, and one for any that waits where none is left, as far as the limit
   * goes; after a failed start no more than there are.
   */
  grow(runs: { readonly waiting: number; readonly late: number }): void;
  /** Ends all of them, those that are starting too. */
  end(): Promise<void>;
}

/** Keeps count of threads that start, work, idle and die. */
export function createLiveThreads({ first, start, most, onChange, onNone }: LiveThreadsOptions): LiveThreads {
  const live = new Set<SessionThread>();
  const idle = new Set<SessionThread>();
  const starting = new Set<Promise<void>>();
  let limit = most;

  const adopt = (thread: SessionThread): void => {
    live.add(thread);
    idle.add(thread);
    void thread.gone.then(() => {
      live.delete(thread);
      idle.delete(thread);
      onChange();
    });
  };

  const startOne = async (): Promise<void> => {
    try {
      adopt(await start());
    } catch (error) {
      limit = Math.max(1, live.size);
      if (live.size === 0 && starting.size === 1) onNone(error);
    }
  };

  adopt(first);
  return {
    take() {
      // The one that worked last, whose caches are warm.
      const thread = [...idle].at(-1);
      if (thread) idle.delete(thread);
      return thread;
    },
    giveBack(thread) {
      if (thread.isAlive()) idle.add(thread);
      onChange();
    },
    grow({ waiting, late }) {
      const wanted = (): number => (live.size + starting.size === 0 ? waiting : late);
      while (starting.size < wanted() && live.size + starting.size < limit) {
        const begun: Promise<void> = startOne().then(() => {
          starting.delete(begun);
          onChange();
        });
        starting.add(begun);
      }
    },
    async end() {
      await Promise.all(starting);
      await Promise.all([...live].map((thread) => thread.end()));
    },
  };
}
