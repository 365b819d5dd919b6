import type { DisposableSquad } from './disposable-squad.js';

/** One squad for many callers. */
export interface SharedSquad {
  /** The squad, loaded by the first call and shared by all; after a failed load the next call tries again. */
  readonly get: () => Promise<DisposableSquad>;
  /** Disposes of the squad if there is one; the next `get` loads another. */
  readonly dispose: () => Promise<void>;
}

/** Shares what `load` gives, lazily. */
export function shareSquad(load: () => Promise<DisposableSquad>): SharedSquad {
  let current: Promise<DisposableSquad> | undefined;
  const start = (): Promise<DisposableSquad> => {
    const loading: Promise<DisposableSquad> = load().catch((error: unknown) => {
      // a later load must not be dropped by an earlier failure
      if (current === loading) current = undefined;
      throw error;
    });
    return loading;
  };
  return {
    get: () => (current ??= start()),
    async dispose() {
      const taken = current;
      current = undefined;
      if (taken === undefined) return;
      const [loaded] = await Promise.allSettled([taken]);
      if (loaded.status === 'fulfilled') await loaded.value.dispose();
    },
  };
}
