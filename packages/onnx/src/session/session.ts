import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { z } from 'zod';
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

/** A loaded ONNX graph. Runs block the event loop of their thread and are not made faster by overlapping. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs the graph once; without `outputs` all of them are returned, and a tensor given for one is filled and returned.
   * @throws AlignSquadError `invalid-options` for a missing input or an unknown output, `model-invalid` when the
   * runtime refuses a shape or fails, `disposed` after `dispose`.
   */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: SessionOutputs): Promise<Record<string, Tensor>>;
  /** Frees the graph once runs that have begun are done; later runs reject, and a second call does nothing. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const sessionOptionsSchema = z.strictObject({
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
  const native = toNativeOptions(options);
  const ort = await loadOnnxRuntime();
  let session: InferenceSession | undefined;
  try {
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, native)
      : ort.InferenceSession.create(model, native));
  } catch (error) {
    throw toAlignSquadError(error, 'The ONNX runtime could not load the graph; it is not a valid model.', 'model-invalid');
  }
  const { inputNames, outputNames } = session;
  const runOptions: InferenceSession.RunOptions =
    options.memoryArena === 'shrink' ? { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } } : {};

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
    async run(inputs, outputs) {
      if (!session) throw new AlignSquadError('The ONNX session was disposed.', { code: 'disposed' });
      const wrap = (tensor: Tensor): OrtTensor => new ort.Tensor(tensor.type, tensor.data, tensor.dims);
      const fetches = outputs ?? outputNames;
      requireNames(inputNames, Object.keys(inputs), 'needs the input');
      requireNames(Array.isArray(fetches) ? fetches : Object.keys(fetches), outputNames, 'has no output');
      let run: Promise<InferenceSession.OnnxValueMapType> | undefined;
      try {
        run = session.run(mapValues(inputs, wrap), toNativeOutputs(fetches, wrap), runOptions);
        running.add(run);
        // The runtime fills given tensors and returns copies of them.
        return { ...mapValues(await run, fromNative), ...givenTensors(fetches) };
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

function toNativeOptions(options: SessionOptions): InferenceSession.SessionOptions {
  parseWith(sessionOptionsSchema, options, { what: 'options of `createSession`', code: 'invalid-options' });
  return {
    intraOpNumThreads: options.threads ?? 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimization ?? 'all',
    enableCpuMemArena: options.memoryArena !== false,
    logSeverityLevel: 3,
    ...(options.saveOptimizedTo === undefined ? {} : { optimizedModelFilePath: options.saveOptimizedTo }),
  };
}

function requireNames(names: readonly string[], known: readonly string[], problem: string): void {
  const missing = names.find((name) => !known.includes(name));
  if (missing === undefined) return;
  throw new AlignSquadError(`The ONNX graph ${problem} \`${missing}\`.`, { code: 'invalid-options' });
}

function toNativeOutputs(outputs: SessionOutputs, wrap: (tensor: Tensor) => OrtTensor): Record<string, OrtTensor | null> {
  if (Array.isArray(outputs)) return Object.fromEntries(outputs.map((name: string) => [name, null]));
  return mapValues(outputs as Readonly<Record<string, Tensor | null>>, (tensor) => (tensor === null ? null : wrap(tensor)));
}

function givenTensors(outputs: SessionOutputs): Record<string, Tensor> {
  if (Array.isArray(outputs)) return {};
  const entries = Object.entries(outputs as Readonly<Record<string, Tensor | null>>);
  return Object.fromEntries(entries.flatMap(([name, tensor]) => (tensor === null ? [] : [[name, tensor] as const])));
}

function fromNative(tensor: OrtTensor): Tensor {
  // The runtime's element type names are a superset of ours; graphs of this project use only these.
  return { type: tensor.type, data: tensor.data, dims: tensor.dims } as Tensor;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
