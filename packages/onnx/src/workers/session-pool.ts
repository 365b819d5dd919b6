import { availableParallelism } from 'node:os';
import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import { toNativeOptions } from '../session/native-session.js';
import {
  givenTensors,
  parseSessionOptions,
  sessionDisposed,
  toFetches,
  type OnnxSession,
  type RunOptions,
  type SessionOptions,
} from '../session/session.js';
import type { Tensor } from '../session/tensor.js';
import { startSessionThread, type SessionThread } from './session-thread.js';
import { createThreadQueue } from './thread-queue.js';

/** Options of `createSessionPool`. */
export interface SessionPoolOptions extends Omit<SessionOptions, 'saveOptimizedTo'> {
  /**
   * Most worker threads; each has a session of its own, with its own copy of the weights. The first starts at once, the
   * others when a run has waited as long as the first took to start. @default as many as the machine runs at once, at most 4
   */
  readonly workers?: number | undefined;
  /** Give the memory of a run's inputs to its thread instead of copying it: the caller's arrays are empty afterwards. @default false */
  readonly transferInputs?: boolean | undefined;
}

interface OwnOptions {
  readonly workers: number;
  readonly transferInputs: boolean;
}

const ownSchema: z.ZodType<OwnOptions> = z.object({
  workers: z.int().min(1).max(256).default(() => defaultWorkers()),
  transferInputs: z.boolean().default(false),
});

/** Workers of a pool where nothing else is said: as many as the machine runs at once, at most 4. */
export function defaultWorkers(): number {
  return Math.min(availableParallelism(), 4);
}

/**
 * A session whose runs are done by worker threads, so that the caller's event loop stays free: one queue, first come
 * first served, each run whole on one thread. An abort takes a waiting run out and leaves a running one to itself. A
 * thread that dies rejects its run with `model-invalid` and is replaced. Idle threads don't keep the process alive.
 * `dispose` waits for the runs that were accepted.
 * @throws AlignSquadError as `createSession`.
 */
export async function createSessionPool(model: string, options: SessionPoolOptions = {}): Promise<OnnxSession> {
  const { workers, transferInputs, ...sessionOptions } = options;
  const native = toNativeOptions(parseSessionOptions(sessionOptions));
  const own = parseWith(ownSchema, { workers, transferInputs }, { what: 'options of `createSessionPool`', code: 'invalid-options' });
  return createSessionPoolFrom(() => startSessionThread({ model, options: native }), own);
}

/** `createSessionPool` over any way to start a thread. */
export async function createSessionPoolFrom(start: () => Promise<SessionThread>, { workers, transferInputs }: OwnOptions): Promise<OnnxSession> {
  const begin = performance.now();
  const first = await start();
  const { names } = first;
  const queue = createThreadQueue({ first, start, most: workers, patienceMs: performance.now() - begin });
  const accepted = new Set<Promise<unknown>>();
  let disposing: Promise<void> | undefined;

  const dispose = (): Promise<void> => (disposing ??= Promise.allSettled(accepted).then(() => queue.end()));

  return {
    ...names,
    async run(inputs, outputs = names.outputNames, { signal }: RunOptions = {}) {
      signal?.throwIfAborted();
      if (disposing) throw sessionDisposed();
      const fetches = toFetches(inputs, outputs, names);
      const request = { inputs, outputs: Object.keys(fetches) };
      const run = queue.add((thread) => thread.run(request, transferInputs), signal);
      accepted.add(run);
      try {
        const results = await run;
        const given = givenTensors(fetches);
        for (const [name, tensor] of Object.entries(given)) fill(tensor, results[name]);
        return { ...results, ...given };
      } finally {
        accepted.delete(run);
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function fill(tensor: Tensor, result: Tensor | undefined): void {
  // Both are outputs of the same name and so of the same type.
  (tensor.data as Float32Array).set((result?.data ?? []) as Float32Array);
}
