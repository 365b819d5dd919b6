import type { DatagenAnswer, OnlineExecutorOptions } from '@align-squad/datagen';
import { readOnlineOptions, readQueue, type QueueChoice, type RawExecutorOptions } from './executor-options.js';
import type { CliIo } from './io.js';

/** What a worker runs with. */
export interface WorkRequest extends QueueChoice {
  /** Checked by the executor; its concurrency is that of the worker. */
  readonly executor: OnlineExecutorOptions;
}

/** Options of a worker's run. */
export interface WorkOptions {
  readonly signal: AbortSignal;
  /** Called with each answer that the server gave. */
  readonly onAnswer: (answer: DatagenAnswer) => void;
}

// A worker has no end to tell of, so it tells of itself now and then.
const msBetweenLines = 10_000;

/** `align-squad generate worker`: answers the requests of a queue until it is stopped; gives the exit code. */
export async function runGenerateWorker(raw: RawExecutorOptions, io: CliIo): Promise<number> {
  const request: WorkRequest = { ...readQueue(raw, io.env), executor: readOnlineOptions(raw, io.env) };
  const counts = { answered: 0, failed: 0, tokens: 0 };
  const tell = (): void => void io.stderr.write(`${counts.answered} answered, ${counts.failed} failed, ${counts.tokens} tokens\n`);
  const onAnswer = (answer: DatagenAnswer): void => {
    if (answer.ok) counts.answered += 1;
    else counts.failed += 1;
    if (answer.ok) counts.tokens += answer.usage.input + answer.usage.output;
  };
  io.stderr.write('worker: answers the requests of the queue until it is stopped\n');
  const timer = setInterval(tell, msBetweenLines);
  try {
    return await io.work(request, { signal: io.signal, onAnswer });
  } finally {
    clearInterval(timer);
    tell();
  }
}
