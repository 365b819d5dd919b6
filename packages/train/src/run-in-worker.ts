import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AlignSquadError } from '@align-squad/core';
import type { TrainEvent } from './trainer/train-event.js';
import type { WorkerMessage } from './training-worker.js';

/** Options of `runInWorker`. */
export interface RunInWorkerOptions {
  readonly signal?: AbortSignal | undefined;
  /** Module whose `runTask` is run; undefined is the one of this package. */
  readonly module?: URL | undefined;
}

/**
 * Runs a training in a worker thread and passes its events on; the caller's event loop stays free.
 * Rejects with the error of the training, with the signal's reason, or with `training-failed` when the thread dies.
 */
export async function* runInWorker(task: object, { signal, module }: RunInWorkerOptions = {}): AsyncGenerator<TrainEvent> {
  signal?.throwIfAborted();
  const worker = startWorker({ task, module: module?.href });
  const messages: WorkerMessage[] = [];
  const changes = new EventTarget();
  const push = (message: WorkerMessage): void => {
    messages.push(message);
    changes.dispatchEvent(new Event('change'));
  };
  const abort = (): void => worker.postMessage('abort');
  worker.on('message', push);
  worker.on('error', (error: unknown) => push({ type: 'failed', code: 'training-failed', message: 'The training thread failed; is there enough memory?', cause: error }));
  worker.on('exit', () => push({ type: 'failed', code: 'training-failed', message: 'The training thread ended before its work was done.' }));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const message = messages.shift();
      if (message === undefined) {
        await once(changes, 'change');
        continue;
      }
      if (message.type === 'event') yield message.event;
      else if (message.type === 'done') return;
      else if (signal?.aborted === true) throw signal.reason;
      else throw new AlignSquadError(message.message, { code: message.code, cause: message.cause });
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    worker.removeAllListeners();
    await worker.terminate();
  }
}

/** The built thread, or its source, for which a worker needs what runs TypeScript: it does not take that over from its parent. */
function startWorker(data: object): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./training-worker.js', import.meta.url), { workerData: data });
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(/cjs$/, 'mjs');
  const file = new URL('./training-worker.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`;
  return new Worker(code, { eval: true, execArgv: ['--conditions=@align-squad/source'], workerData: data });
}
