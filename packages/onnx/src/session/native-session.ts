import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { OnnxRuntime } from './runtime.js';
import type { SessionOptions } from './session.js';
import type { Tensor } from './tensor.js';

/** Outputs by name: the tensor to write one into, or null where the runtime allocates it. */
export type Fetches = Readonly<Record<string, Tensor | null>>;

/** The runtime's form of the options of a session. */
export interface NativeOptions {
  readonly session: InferenceSession.SessionOptions;
  readonly run: InferenceSession.RunOptions;
}

// This file is all that a thread of a pool loads beside the runtime: it imports types only.

/** Options of a session as the runtime takes them. */
export function toNativeOptions(options: SessionOptions): NativeOptions {
  return {
    session: {
      intraOpNumThreads: options.threads ?? 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: options.optimization ?? 'all',
      enableCpuMemArena: options.memoryArena !== false,
      logSeverityLevel: 3,
      ...(options.saveOptimizedTo === undefined ? {} : { optimizedModelFilePath: options.saveOptimizedTo }),
    },
    run: options.memoryArena === 'shrink' ? { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } } : {},
  };
}

/** Runs a graph of the runtime once, on tensors of ours. */
export async function runNative(
  ort: OnnxRuntime,
  session: InferenceSession,
  inputs: Readonly<Record<string, Tensor>>,
  fetches: Fetches,
  options: InferenceSession.RunOptions,
): Promise<Record<string, Tensor>> {
  const wrap = (tensor: Tensor): OrtTensor => new ort.Tensor(tensor.type, tensor.data, tensor.dims);
  const outputs = mapValues(fetches, (tensor) => (tensor === null ? null : wrap(tensor)));
  return mapValues(await session.run(mapValues(inputs, wrap), outputs, options), fromNative);
}

function fromNative(tensor: OrtTensor): Tensor {
  // The runtime's element type names are a superset of ours; graphs of this project use only these.
  return { type: tensor.type, data: tensor.data, dims: tensor.dims } as Tensor;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
