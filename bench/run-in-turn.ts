import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Sides that are measured against each other. */
export interface TurnOptions {
  /** Script of a side: it says a first message when it is ready, and its measurement after each message `run`. */
  readonly file: string;
  /** Name of each side, which comes first of its arguments. */
  readonly sides: readonly string[];
  /** Further arguments of all sides. */
  readonly args: readonly string[];
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmUpRounds: number;
}

/** The measurements of each side [sides][rounds], taken in turn, each side in a process of its own; undefined when one failed. */
export async function runInTurn<T>({ file, sides, args, rounds, warmUpRounds }: TurnOptions): Promise<readonly (readonly T[])[] | undefined> {
  const children: ChildProcess[] = [];
  const measured = sides.map((): T[] => []);
  try {
    // One after the other, so that loading disturbs nothing.
    for (const side of sides) {
      const child = fork(file, [side, ...args], { execArgv: process.execArgv });
      children.push(child);
      if ((await answerOf(child)) === undefined) return undefined;
    }
    for (let round = -warmUpRounds; round < rounds; round += 1) {
      for (const [index, child] of children.entries()) {
        child.send('run');
        const answer = await answerOf(child);
        if (answer === undefined) return undefined;
        // A side answers what its caller names.
        if (round >= 0) measured[index]?.push(answer as T);
      }
    }
    return measured;
  } finally {
    for (const child of children) child.kill();
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const controller = new AbortController();
  const { signal } = controller;
  try {
    return await Promise.race([once(child, 'message', { signal }).then(([message]: unknown[]) => message), once(child, 'exit', { signal }).then(() => undefined)]);
  } finally {
    controller.abort();
  }
}
