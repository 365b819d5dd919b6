import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import type { InferenceSession } from 'onnxruntime-node';
import { z } from 'zod';
import { runNative, toNativeOptions, type Fetches } from './native-session.js';
import { loadOnnxRuntime } from './runtime.js';
import type { Tensor } from './tensor.js';

/** Options of `createSession`. */
export interface SessionOptions {
  /** Threads inside one run. More than one only pays when the cores are free. @default 1 */
  readonly threads?: number | undefined;
  /** How far the runtime rewrites the graph before it runs. @default 'all' */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all' | undefined;
  /** Writes the rewritten graph to this path. */
  readonly saveOptimizedTo?: string | undefined;
  /**
   * Take memory in large blocks, and keep them for the next run; `shrink` gives them back after each run, for when many large
   * sessions live at once; false takes each tensor from the system, which is least memory and slowest. @default true
   */
  readonly memoryArena?: boolean | 'shrink' | undefined;
}

/** What a run should return: names of outputs, or tensors to write outputs into (null: allocate one). */
export type SessionOutputs = readonly string[] | Readonly<Record<string, Tensor | null>>;

/** Options of one run. */
export interface RunOptions {
  /** An abort rejects with its reason; a run that has begun is not stopped by it. */
  readonly signal?: AbortSignal | undefined;
}

/** A loaded ONNX graph. Runs block the event loop of their thread and are not made faster by overlapping. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once; without `outputs` all of them are returned, and a tensor given for one is filled and returned.
   * @throws AlignSquadError `invalid-options` for a missing input or an unknown output, `model-invalid` when the
   * runtime refuses a shape or fails, `disposed` after `dispose`.
   */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: SessionOutputs, options?: RunOptions): Promise<Record<string, Tensor>>;
  /** Frees the graph once runs that have begun are done; later runs reject, and a second call does nothing. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const sessionOptionsSchema: z.ZodType<SessionOptions> = z.strictObject({
  threads: z.int().min(1).optional(),
  optimization: z.enum(['disabled', 'basic', 'extended', 'all']).optional(),
  saveOptimizedTo: z.string().optional(),
  memoryArena: z.union([z.boolean(), z.literal('shrink')]).optional(),
});

/**
 * Loads a graph from a file path or from bytes.
 * @throws AlignSquadError `invalid-options`, `missing-dependency` without onnxruntime-node, `model-invalid` when the
 * graph does not load.
 */
export async function createSession(model: string | Uint8Array, options: SessionOptions = {}): Promise<OnnxSession> {
  const native = toNativeOptions(parseSessionOptions(options));
  const ort = await loadOnnxRuntime();
  let session: InferenceSession | undefined;
  try {
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, native.session)
      : ort.InferenceSession.create(model, native.session));
  } catch (error) {
    throw toAlignSquadError(error, 'The ONNX runtime could not load the graph; it is not a valid model.', 'model-invalid');
  }
  const { inputNames, outputNames } = session;

  // The runtime starts a run on a later turn, and a graph released before that turn would fail it.
  const running = new Set<Promise<unknown>>();

  const dispose = async (): Promise<void> => {
    const open = session;
    session = undefined;
    await Promise.allSettled(running);
    await open?.release();
  };

  return {
    inputNames,
    outputNames,
    async run(inputs, outputs = outputNames, { signal } = {}) {
      signal?.throwIfAborted();
      if (!session) throw sessionDisposed();
      const fetches = toFetches(inputs, outputs, { inputNames, outputNames });
      let run: Promise<Record<string, Tensor>> | undefined;
      try {
        run = runNative(ort, session, inputs, fetches, native.run);
        running.add(run);
        // The runtime fills given tensors and returns copies of them.
        return { ...(await run), ...givenTensors(fetches) };
      } catch (error) {
        throw toAlignSquadError(error, 'The ONNX runtime failed while running a graph.', 'model-invalid');
      } finally {
        if (run) running.delete(run);
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Checks the options of a session. @throws AlignSquadError `invalid-options`. */
export function parseSessionOptions(options: SessionOptions): SessionOptions {
  return parseWith(sessionOptionsSchema, options, { what: 'options of `createSession`', code: 'invalid-options' });
}

/** What a run on a session that is gone rejects with. */
export function sessionDisposed(): AlignSquadError {
  return new AlignSquadError('The ONNX session was disposed.', { code: 'disposed' });
}

/**
 * Checks what a run is given against the graph's names, and gives its outputs in one form.
 * @throws AlignSquadError `invalid-options`.
 */
export function toFetches(
  inputs: Readonly<Record<string, Tensor>>,
  outputs: SessionOutputs,
  { inputNames, outputNames }: Pick<OnnxSession, 'inputNames' | 'outputNames'>,
): Fetches {
  // Array.isArray does not tell a readonly list from a record.
  const fetches: Fetches = Array.isArray(outputs) ? Object.fromEntries(outputs.map((name: string) => [name, null])) : (outputs as Fetches);
  requireNames(inputNames, Object.keys(inputs), 'needs the input');
  requireNames(Object.keys(fetches), outputNames, 'has no output');
  return fetches;
}

/** The tensors that a caller gave to write outputs into. */
export function givenTensors(fetches: Fetches): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(fetches).flatMap(([name, tensor]) => (tensor === null ? [] : [[name, tensor] as const])));
}

function requireNames(names: readonly string[], known: readonly string[], problem: string): void {
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  throw new AlignSquadError(`The ONNX graph ${problem} \`${missing}\`.`, { code: 'invalid-options' });
}
