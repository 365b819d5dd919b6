import { describe, expect, test } from 'vitest';
import { createRandom } from '@align-squad/core';
import { createAdamW, type AdamWOptions, type OptimizedParameter } from './adamw.js';

interface Reference {
  readonly values: number[][];
  update(gradients: readonly (readonly number[])[], step: number, learningRate: number): number;
}

/** AdamW as the paper writes it, in double precision. */
function createReference(parameters: readonly OptimizedParameter[], start: readonly (readonly number[])[], options: Required<AdamWOptions>): Reference {
  const { beta1 = 0, beta2 = 0, epsilon = 0, maxGradientNorm = 0 } = options;
  const values = start.map((row) => [...row]);
  const moments = start.map((row) => row.map(() => ({ first: 0, second: 0 })));
  return {
    values,
    update(gradients, step, learningRate) {
      const norm = Math.hypot(...gradients.flat());
      const scale = maxGradientNorm > 0 ? Math.min(1, maxGradientNorm / norm) : 1;
      parameters.forEach(({ weightDecay, learningRateScale }, row) => {
        const rate = learningRate * learningRateScale;
        values[row] = (values[row] ?? []).map((value, at) => {
          const gradient = (gradients[row]?.[at] ?? Number.NaN) * scale;
          const moment = moments[row]?.[at] ?? { first: Number.NaN, second: Number.NaN };
          moment.first = beta1 * moment.first + (1 - beta1) * gradient;
          moment.second = beta2 * moment.second + (1 - beta2) * gradient * gradient;
          const step1 = moment.first / (1 - beta1 ** step);
          const step2 = Math.sqrt(moment.second / (1 - beta2 ** step)) + epsilon;
          return value - rate * weightDecay * value - rate * (step1 / step2);
        });
      });
      return norm;
    },
  };
}

// Sizes on both sides of the four lanes of the kernel.
const parameters: readonly OptimizedParameter[] = [
  { name: 'matrix', size: 6, weightDecay: 0.1, learningRateScale: 1 },
  { name: 'vector', size: 3, weightDecay: 0, learningRateScale: 1 },
  { name: 'slow', size: 4, weightDecay: 0.5, learningRateScale: 0.1 },
];
const defaults = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, maxGradientNorm: 1 };

function normals(seed: number, factor: number): number[][] {
  const random = createRandom(seed);
  return parameters.map(({ size }) => Array.from({ length: size }, () => Math.fround(factor * random.normal())));
}

function setAll(target: ReadonlyMap<string, Float32Array>, rows: readonly (readonly number[])[]): void {
  parameters.forEach(({ name }, row) => target.get(name)?.set(rows[row] ?? []));
}

function allOf(values: ReadonlyMap<string, Float32Array>): number[][] {
  return parameters.map(({ name }) => [...(values.get(name) ?? [])]);
}

describe('AdamW', () => {
  test.each<[string, AdamWOptions, number]>([
    ['with its defaults and long gradients', {}, 3],
    ['with its defaults and short gradients', {}, 0.01],
    ['without clipping', { maxGradientNorm: 0 }, 3],
    ['with other decays of its moments', { beta1: 0.5, beta2: 0.9 }, 1],
    ['with a large epsilon', { epsilon: 0.1 }, 1],
  ])('%s moves as the reference does over six steps', (_, options, factor) => {
    const start = normals(1, 1);
    const optimizer = createAdamW(parameters, options);
    const reference = createReference(parameters, start, { ...defaults, ...options });
    setAll(optimizer.values, start);
    for (let step = 1; step <= 6; step++) {
      const gradients = normals(step + 1, factor);
      setAll(optimizer.gradients, gradients);
      expect(optimizer.update(step, 0.05)).toBeCloseTo(reference.update(gradients, step, 0.05), 4);
    }
    expect(allOf(optimizer.values)).toEqual(reference.values.map((row) => row.map((value) => expect.closeTo(value, 5) as number)));
    expect(allOf(optimizer.values)).not.toEqual(start);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a gradient of %d is refused and moves nothing', (broken) => {
    const optimizer = createAdamW(parameters);
    setAll(optimizer.values, normals(1, 1));
    setAll(optimizer.gradients, normals(2, 1));
    optimizer.gradients.get('vector')?.set([broken], 1);
    expect(() => optimizer.update(1, 0.1)).toThrow(expect.objectContaining({ code: 'training-failed' }));
    expect(allOf(optimizer.values)).toEqual(normals(1, 1));
  });

  test('a model that needs more memory than there is is refused', () => {
    const attempt = (): unknown => createAdamW([{ name: 'huge', size: 2 ** 28, weightDecay: 0, learningRateScale: 1 }]);
    expect(attempt).toThrow(expect.objectContaining({ code: 'training-failed' }));
  });
});
