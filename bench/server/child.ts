import { fork } from 'node:child_process';
import { AlignSquadError } from '@align-squad/core';

/** A process of the bench that answers messages one at a time. */
export interface Child extends Disposable {
  /** Sends a message and waits for the answer, whose type the caller knows. Rejects when the process has ended. */
  ask<T>(message: object): Promise<T>;
}

/** Starts a script that calls `answerParent` and waits until it is ready. */
export async function startChild<T>(file: string, args: readonly string[]): Promise<{ readonly child: Child; readonly ready: T }> {
  const forked = fork(file, args, { execArgv: process.execArgv });
  const answer = <R>(): Promise<R> =>
    new Promise((resolve, reject) => {
      const ended = (): void => reject(new AlignSquadError('A process of the benchmark ended.', { code: 'source-failed' }));
      if (!forked.connected) return ended();
      forked.once('exit', ended);
      forked.once('message', (message) => {
        forked.off('exit', ended);
        // what a script answers is of the type that its caller names
        resolve(message as R);
      });
    });
  const child: Child = {
    async ask<R>(message: object) {
      const answered = answer<R>();
      if (forked.connected) forked.send(message);
      return answered;
    },
    [Symbol.dispose]: () => void forked.kill(),
  };
  try {
    return { child, ready: await answer<T>() };
  } catch (error) {
    forked.kill();
    throw error;
  }
}

/** The child's side: says that it is ready, then answers each message; ends with its parent, or when answering fails. */
export function answerParent<M>(ready: object, toAnswer: (message: M) => object | Promise<object>): void {
  process.on('disconnect', () => process.exit());
  // the parent sends what the script names
  process.on('message', (message) => void (async () => process.send?.(await toAnswer(message as M)))());
  process.send?.(ready);
}
