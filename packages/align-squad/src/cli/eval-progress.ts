import type { Terminal } from './io.js';

/** Shows how far an evaluation is. */
export interface EvalProgress {
  show(stage: string, done: number, total: number): void;
  stop(): void;
}

/** Options of `createEvalProgress`. */
export interface EvalProgressOptions {
  readonly stderr: Terminal;
  readonly isQuiet: boolean;
}

/** One line on a terminal that is written anew; elsewhere a line for each stage that ends. */
export function createEvalProgress({ stderr, isQuiet }: EvalProgressOptions): EvalProgress {
  const isTerminal = stderr.isTTY === true;
  const clear = (): void => {
    if (!isQuiet && isTerminal) stderr.write('\r\u001b[K');
  };
  return {
    show(stage, done, total) {
      if (isQuiet) return;
      clear();
      if (isTerminal) stderr.write(`${stage}: ${done} of ${total} texts`);
      else if (done === total) stderr.write(`${stage}: ${total} texts\n`);
    },
    stop: clear,
  };
}
