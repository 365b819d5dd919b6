import cliProgress from 'cli-progress';
import type { Writable } from 'node:stream';
import type { BatchTotals } from './batch.js';

/** Shows how far a batch is. */
export interface Progress {
  /** Counts bytes of input taken up. */
  addBytes(count: number): void;
  /** Shows the lines of output so far. */
  update(totals: BatchTotals): void;
  /** Writes one line of text without breaking the bar. */
  note(line: string): void;
  stop(): void;
}

/** Options of `createProgress`. */
export interface ProgressOptions {
  readonly stderr: Writable;
  /** Show a bar; without it only notes are written. */
  readonly shown: boolean;
  /** Bytes of the input; undefined where that is not known, as with a pipe. */
  readonly totalBytes?: number | undefined;
}

const clearLine = '\r\u001b[K';

/** A progress bar on `stderr`, or only its notes where no bar is wanted. */
export function createProgress(options: ProgressOptions): Progress {
  const { stderr, shown, totalBytes } = options;
  let bytes = 0;
  const counts = '{written} done, {failed} failed';
  const bar = new cliProgress.SingleBar({
    stream: stderr as NodeJS.WriteStream, // cli-progress only asks it for isTTY and write
    format: totalBytes === undefined ? counts : `{bar} {percentage}%  ${counts}  {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: false,
    gracefulExit: false,
  });
  if (shown) bar.start(totalBytes ?? 0, 0, { written: 0, failed: 0 });
  return {
    addBytes(count) {
      bytes += count;
    },
    update(totals) {
      if (shown) bar.update(bytes, totals);
    },
    note(line) {
      stderr.write(`${shown ? clearLine : ''}${line}\n`);
    },
    stop() {
      if (shown) bar.stop();
    },
  };
}
