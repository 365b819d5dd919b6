import { parentPort, workerData } from 'node:worker_threads';
import { AlignSquadError, type ErrorCode } from '@align-squad/core';
import type { TrainEvent } from './trainer/train-event.js';

/** What the thread of a training tells its parent. */
export type WorkerMessage =
  | { readonly type: 'event'; readonly event: TrainEvent }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly cause?: unknown };

/** What a thread runs. */
export interface TaskModule {
  readonly runTask: (task: unknown, options: { readonly signal: AbortSignal }) => AsyncIterable<TrainEvent>;
}

interface WorkerData {
  readonly task: unknown;
  readonly module?: string | undefined;
}

async function work({ task, module }: WorkerData): Promise<void> {
  const post = (message: WorkerMessage): void => parentPort?.postMessage(message);
  const stop = new AbortController();
  parentPort?.on('message', () => stop.abort(new AlignSquadError('The training was stopped.', { code: 'training-failed' })));
  try {
    // A module of this form is what the parent names.
    const { runTask } = (module === undefined ? await import('./tasks/run-task.js') : await import(module)) as TaskModule;
    for await (const event of runTask(task, { signal: stop.signal })) post({ type: 'event', event });
    post({ type: 'done' });
  } catch (error) {
    // Causes of the runtime and the file system stay in this thread: they may hold text and can't all be cloned.
    if (AlignSquadError.isInstance(error)) post({ type: 'failed', code: error.code, message: error.message });
    else post({ type: 'failed', code: 'training-failed', message: `The training failed with a ${error instanceof Error ? error.name : typeof error}.` });
  } finally {
    parentPort?.removeAllListeners('message');
  }
}

// The file is only ever loaded as a thread, with what its parent gives it.
if (parentPort) await work(workerData as WorkerData);
