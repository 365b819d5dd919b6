import { AlignSquadError } from '@align-squad/core';
import type { Squad } from '@align-squad/squad';
import { trackGenerator } from './track-generator.js';

/** A squad that owns its pack's sessions. */
export interface DisposableSquad extends Squad {
  /**
   * Waits for the calls under way, and for each `alignMany` or `alignStream` that was begun until it ends or is left, and frees the
   * pack's models; later calls reject with `disposed`.
   */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Gives a squad a `dispose` that runs `release` once, when no call is under way. */
export function withDispose(squad: Squad, release: () => Promise<void>): DisposableSquad {
  const running = new Set<Promise<unknown>>();
  let disposing: Promise<void> | undefined;
  const begin = (): (() => void) => {
    if (disposing !== undefined) {
      throw new AlignSquadError('The squad was disposed of; make another one with createSquad.', { code: 'disposed' });
    }
    let resolve = (): void => undefined;
    const ended = new Promise<void>((settle) => (resolve = settle));
    running.add(ended);
    return () => {
      running.delete(ended);
      resolve();
    };
  };
  const tracked =
    <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) =>
    async (...args) => {
      const end = begin();
      try {
        return await call(...args);
      } finally {
        end();
      }
    };
  const dispose = (): Promise<void> => (disposing ??= Promise.allSettled([...running]).then(release));
  return {
    criteria: squad.criteria,
    align: tracked(squad.align),
    alignMany: (...args) => trackGenerator(squad.alignMany(...args), begin),
    alignStream: (...args) => trackGenerator(squad.alignStream(...args), begin),
    inspect: tracked(squad.inspect),
    inspectMany: tracked(squad.inspectMany),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
