import { AlignSquadError } from '@align-squad/core';
import type { Tensor } from '@align-squad/onnx';
import type { ParameterValues } from '../optimizer/adamw.js';

/** What a batch adds to a sum of gradients. */
export interface GradientPart {
  /** How much it counts beside the others, above 0. */
  readonly weight: number;
  /** Output name of the gradient of each parameter that its loss reaches. */
  readonly reached: ReadonlyMap<string, string>;
}

/** Sums up the gradients of one update. */
export interface GradientSum {
  /** Has `compute` write the gradients of a batch into the tensors it is given, by output name, and adds them up. */
  add(part: GradientPart, compute: (outputs: Readonly<Record<string, Tensor>>) => Promise<number>): Promise<number>;
  /**
   * Ends the sum, and returns the factor that makes it the weighted mean.
   * @throws AlignSquadError `invalid-options` when nothing was added.
   */
  take(): number;
  /** Drops what was added. */
  clear(): void;
}

/**
 * Sums gradients up in the memory of the optimizer. The first batch is written straight into it, and the others are
 * scaled to the first one's weight, so that an update of one batch copies nothing.
 */
export function createGradientSum(gradients: ParameterValues, toTensors: (values: ParameterValues) => ReadonlyMap<string, Tensor>): GradientSum {
  const own = toTensors(gradients);
  let later: { readonly values: ParameterValues; readonly tensors: ReadonlyMap<string, Tensor> } | undefined;
  let sum: { readonly first: number; readonly total: number } | undefined;

  const laterMemory = (): NonNullable<typeof later> => {
    const values = later?.values ?? new Map([...gradients].map(([name, { length }]) => [name, new Float32Array(length)]));
    return (later ??= { values, tensors: toTensors(values) });
  };

  return {
    async add({ weight, reached }, compute) {
      if (!(weight > 0 && Number.isFinite(weight))) {
        throw new AlignSquadError('Expected the `weight` of a batch to be a number above 0.', { code: 'invalid-options' });
      }
      const before = sum;
      // A batch that fails leaves half a sum.
      sum = undefined;
      const tensors = before ? laterMemory().tensors : own;
      const loss = await compute(outputsOf(reached, tensors));
      if (before) addScaled(gradients, laterMemory().values, { factor: weight / before.first, reached });
      else for (const [name, values] of gradients) if (!reached.has(name)) values.fill(0);
      sum = { first: before?.first ?? weight, total: (before?.total ?? 0) + weight };
      return loss;
    },
    take() {
      if (!sum) throw new AlignSquadError('An update needs the gradient of a batch: call `accumulate` first.', { code: 'invalid-options' });
      const { first, total } = sum;
      sum = undefined;
      return first / total;
    },
    clear() {
      sum = undefined;
    },
  };
}

function outputsOf(reached: GradientPart['reached'], tensors: ReadonlyMap<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries([...reached].flatMap(([name, output]) => {
    const tensor = tensors.get(name);
    return tensor ? [[output, tensor] as const] : [];
  }));
}

interface Addition {
  readonly factor: number;
  readonly reached: GradientPart['reached'];
}

function addScaled(into: ParameterValues, from: ParameterValues, { factor, reached }: Addition): void {
  for (const [name, target] of into) {
    const source = from.get(name);
    if (!source || !reached.has(name)) continue;
    for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) + factor * (source[at] ?? 0);
  }
}
