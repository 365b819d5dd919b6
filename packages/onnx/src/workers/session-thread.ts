import { AlignSquadError } from '@align-squad/core';
import type { Tensor } from '../session/tensor.js';
import type { GraphNames, ThreadAnswer, ThreadData, ThreadRequest } from './messages.js';
import { sessionWorkerFile, startWorker } from './start-worker.js';

/** A thread with one session; it keeps the process alive only while it runs. */
export interface SessionThread {
  readonly names: GraphNames;
  /** Runs the graph once; one run at a time. `transfer` gives the memory of the inputs away. */
  run(request: Omit<RunRequest, 'type'>, transfer: boolean): Promise<Record<string, Tensor>>;
  /** Lets the run under way end, frees the graph and ends the thread. */
  end(): Promise<void>;
  /** False from when the thread ended, which a run that fails by it is told after. */
  isAlive(): boolean;
  /** Resolves once the thread is no more, however it ended. */
  readonly gone: Promise<void>;
}

type RunRequest = Extract<ThreadRequest, { type: 'run' }>;

interface Waiting {
  resolve(answer: ThreadAnswer): void;
  reject(error: AlignSquadError): void;
}

/**
 * Starts a thread and loads its graph.
 * @throws AlignSquadError `missing-dependency` without onnxruntime-node, `model-invalid` when the graph does not load
 * or the thread dies.
 */
export async function startSessionThread(data: ThreadData, file: URL = sessionWorkerFile()): Promise<SessionThread> {
  const worker = startWorker(file, data);
  let waiting: Waiting | undefined;
  let isAlive = true;
  let failure: unknown;
  const answered = (answer: ThreadAnswer): void => {
    waiting?.resolve(answer);
    waiting = undefined;
  };
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      isAlive = false;
      waiting?.reject(died(failure));
      resolve();
    });
  });
  worker.on('message', answered);
  worker.on('messageerror', (error: unknown) => answered({ type: 'failed', part: 'run', cause: String(error) }));
  // Without a listener an error of the thread would end the process.
  worker.once('error', (error: unknown) => (failure = error));

  const ask = async (send: () => void): Promise<ThreadAnswer> => {
    if (!isAlive) throw died(failure);
    worker.ref();
    try {
      return await new Promise<ThreadAnswer>((resolve, reject) => {
        waiting = { resolve, reject };
        send();
      });
    } finally {
      worker.unref();
    }
  };

  const ready = await ask(() => undefined);
  if (ready.type !== 'ready') throw toError(ready);
  return {
    names: ready.names,
    gone,
    isAlive: () => isAlive,
    async run(request, transfer) {
      const answer = await ask(() => worker.postMessage({ type: 'run', ...request } satisfies ThreadRequest, transfer ? buffersOf(request.inputs) : []));
      if (answer.type === 'outputs') return answer.outputs;
      throw toError(answer);
    },
    async end() {
      worker.ref();
      worker.postMessage({ type: 'end' } satisfies ThreadRequest);
      await gone;
    },
  };
}

function buffersOf(inputs: Readonly<Record<string, Tensor>>): ArrayBuffer[] {
  const buffers = new Set(Object.values(inputs).map(({ data }) => data.buffer));
  return [...buffers].filter((buffer): buffer is ArrayBuffer => buffer instanceof ArrayBuffer);
}

function toError(answer: ThreadAnswer): AlignSquadError {
  const cause = answer.type === 'failed' ? answer.cause : undefined;
  switch (answer.type === 'failed' ? answer.part : 'run') {
    case 'import':
      return new AlignSquadError('Could not load `onnxruntime-node`; install it with `npm install onnxruntime-node`.', { code: 'missing-dependency', cause });
    case 'load':
      return new AlignSquadError('The ONNX runtime could not load the graph; it is not a valid model.', { code: 'model-invalid', cause });
    case 'run':
      return new AlignSquadError('The ONNX runtime failed while running a graph.', { code: 'model-invalid', cause });
  }
}

function died(cause: unknown): AlignSquadError {
  return new AlignSquadError('The thread of an ONNX session ended before its work was done; is there enough memory?', { code: 'model-invalid', cause });
}
