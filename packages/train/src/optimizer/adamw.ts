import { AlignSquadError } from '@align-squad/core';
import { adamwModule } from './adamw-module.js';

/** A tensor that the optimizer updates. */
export interface OptimizedParameter {
  readonly name: string;
  /** Number of float32 values. */
  readonly size: number;
  /** Decoupled weight decay, a factor of the learning rate. */
  readonly weightDecay: number;
  /** Factor on the learning rate. */
  readonly learningRateScale: number;
}

/** Settings of AdamW that stay the same over a run. */
export interface AdamWOptions {
  /** @default 0.9 */
  readonly beta1?: number | undefined;
  /** @default 0.98 */
  readonly beta2?: number | undefined;
  /** @default 1e-8 */
  readonly epsilon?: number | undefined;
  /** Longest gradient, in global L2 norm; 0 turns clipping off. @default 1 */
  readonly maxGradientNorm?: number | undefined;
}

/** Values of each parameter by its name. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** One optimizer step, from gradients that were written into `gradients`; all are views into one memory. */
export interface AdamW {
  /** Read and written in place, as are the moments. */
  readonly values: ParameterValues;
  readonly gradients: ParameterValues;
  /** Moving averages of the gradients. */
  readonly firstMoments: ParameterValues;
  /** Moving averages of their squares. */
  readonly secondMoments: ParameterValues;
  /**
   * Applies step number `step` (from 1) with the gradients times `gradientScale` (1 without it) and returns their global
   * norm before clipping.
   * @throws AlignSquadError `training-failed`, with nothing moved, when a gradient is not finite.
   */
  update(step: number, learningRate: number, gradientScale?: number): number;
}

interface Kernel {
  update(...values: number[]): void;
  sumOfSquares(address: number, count: number): number;
}

const pageBytes = 65536;
const firstAddress = 1024;

// Squares are summed in float32 within a block, which many more of them would outgrow, and in float64 from there.
const blockLength = 16384;

/**
 * AdamW (Loshchilov & Hutter 2019) in WebAssembly over one flat memory: values, gradients, both moments.
 * @throws AlignSquadError `training-failed` when the memory cannot be had (16 bytes a value, 4 GB at most).
 */
export function createAdamW(parameters: readonly OptimizedParameter[], options: AdamWOptions = {}): AdamW {
  const { beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8, maxGradientNorm = 1 } = options;
  const padded = parameters.map(({ size }) => Math.ceil(size / 4) * 4);
  const total = padded.reduce((sum, size) => sum + size, 0);
  const memory = allocate(firstAddress + total * 16);
  const kernel = instantiate(memory);
  const plane = (index: number): number => firstAddress + index * total * 4;
  let end = 0;
  const offsets = padded.map((size) => (end += size * 4) - size * 4);
  const views = (index: number): Map<string, Float32Array> =>
    new Map(parameters.map(({ name, size }, at) => [name, new Float32Array(memory.buffer, plane(index) + (offsets[at] ?? 0), size)]));

  const sumOfSquares = (): number => {
    let sum = 0;
    for (let at = 0; at < total; at += blockLength) sum += kernel.sumOfSquares(plane(1) + 4 * at, Math.min(blockLength, total - at));
    return sum;
  };

  return {
    values: views(0),
    gradients: views(1),
    firstMoments: views(2),
    secondMoments: views(3),
    update(step, learningRate, gradientScale = 1) {
      const norm = Math.sqrt(sumOfSquares()) * gradientScale;
      if (!Number.isFinite(norm)) {
        throw new AlignSquadError(`The gradient of step ${step} is not finite; lower the learning rate or look at its data.`, { code: 'training-failed' });
      }
      const scale = gradientScale * (maxGradientNorm > 0 && norm > maxGradientNorm ? maxGradientNorm / norm : 1);
      const correction = 1 / Math.sqrt(1 - beta2 ** step);
      parameters.forEach((parameter, index) => {
        const rate = learningRate * parameter.learningRateScale;
        const at = offsets[index] ?? 0;
        const addresses = [0, 1, 2, 3].map((which) => plane(which) + at);
        const decay = 1 - rate * parameter.weightDecay;
        kernel.update(...addresses, padded[index] ?? 0, decay, beta1, beta2, rate / (1 - beta1 ** step), correction, epsilon, scale);
      });
      return norm;
    },
  };
}

function allocate(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes), maximum: pageBytes });
  } catch (error) {
    throw new AlignSquadError('Could not allocate the optimizer state; use a smaller model.', { code: 'training-failed', cause: error });
  }
}

function instantiate(memory: WebAssembly.Memory): Kernel {
  const module = new WebAssembly.Module(Buffer.from(adamwModule, 'base64'));
  // The module's exports are the two functions of adamw.wat.
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel;
}
