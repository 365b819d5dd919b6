import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
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
  /** Keep freed memory for the next run; off where many large sessions live at once. @default true */
  readonly memoryArena?: boolean | undefined;
}

/** What a run should return: names of outputs, or tensors to write outputs into (null: allocate one). */
export type SessionOutputs = readonly string[] | Readonly<Record<string, Tensor | null>>;

/** A loaded ONNX graph. Runs block the event loop of their thread and are not made faster by overlapping. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the graph once. @default all outputs */
  run(inputs: Readonly<Record<string, Tensor>>, outputs?: SessionOutputs): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Loads a graph from a file path or from bytes.
 * @throws AlignSquadError `missing-dependency` without onnxruntime-node, `model-invalid` when the graph does not load.
 */
export async function createSession(model: string | Uint8Array, options: SessionOptions = {}): Promise<OnnxSession> {
  const ort = await loadOnnxRuntime();
  const native = toNativeOptions(options);
  let session: InferenceSession | undefined;
  try {
    session = await (typeof model === 'string'
      ? ort.InferenceSession.create(model, native)
      : ort.InferenceSession.create(model, native));
  } catch (error) {
    throw toAlignSquadError(error, 'The ONNX runtime could not load the graph; it is not a valid model.', 'model-invalid');
  }
  const { inputNames, outputNames } = session;

  const dispose = async (): Promise<void> => {
    const open = session;
    session = undefined;
    await open?.release();
  };

  return {
    inputNames,
    outputNames,
    async run(inputs, outputs) {
      if (!session) throw new AlignSquadError('The ONNX session was disposed.', { code: 'disposed' });
      const feeds = mapValues(inputs, (tensor) => new ort.Tensor(tensor.type, tensor.data, tensor.dims));
      const fetches = toNativeOutputs(outputs ?? outputNames, (tensor) => new ort.Tensor(tensor.type, tensor.data, tensor.dims));
      try {
        return mapValues(await session.run(feeds, fetches), fromNative);
      } catch (error) {
        throw toAlignSquadError(error, 'The ONNX runtime failed while running a graph.', 'model-invalid');
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function toNativeOptions(options: SessionOptions): InferenceSession.SessionOptions {
  const threads = options.threads ?? 1;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new AlignSquadError(`Expected \`threads\` to be a whole number of at least 1, got \`${threads}\`.`, {
      code: 'invalid-options',
    });
  }
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: options.optimization ?? 'all',
    enableCpuMemArena: options.memoryArena ?? true,
    logSeverityLevel: 3,
    ...(options.saveOptimizedTo === undefined ? {} : { optimizedModelFilePath: options.saveOptimizedTo }),
  };
}

function toNativeOutputs(outputs: SessionOutputs, wrap: (tensor: Tensor) => OrtTensor): Record<string, OrtTensor | null> {
  if (Array.isArray(outputs)) return Object.fromEntries(outputs.map((name: string) => [name, null]));
  return mapValues(outputs as Readonly<Record<string, Tensor | null>>, (tensor) => (tensor === null ? null : wrap(tensor)));
}

function fromNative(tensor: OrtTensor): Tensor {
  // The runtime's element type names are a superset of ours; graphs of this project use only these.
  return { type: tensor.type, data: tensor.data, dims: tensor.dims } as Tensor;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
