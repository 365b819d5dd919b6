import { AlignSquadError, type Random } from '@align-squad/core';
import { dataType, elementCount, type GraphBuilder } from '@align-squad/onnx/graph';

/** A named weight in row-major order. */
export interface Weight {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The weights of a model by name. */
export type Weights = Map<string, Weight>;

/** How a weight starts: a constant, or normal with a standard deviation. */
export type WeightStart = { readonly constant: number } | { readonly deviation: number };

/** Declares a weight in the graph that is being built and returns its value name. */
export type DeclareWeight = (name: string, dims: readonly number[], start: WeightStart) => string;

/** Weights become graph inputs, created in `weights` on first use. */
export function trainableWeights(graph: GraphBuilder, weights: Weights, random: Random): DeclareWeight {
  return (name, dims, start) => {
    if (!weights.has(name)) weights.set(name, { dims, data: startWeight(dims, start, random) });
    return graph.input(name, dataType.float32, dims);
  };
}

/**
 * Weights become constants of the graph.
 * @throws AlignSquadError `training-failed` for a weight that was never trained.
 */
export function frozenWeights(graph: GraphBuilder, weights: Weights): DeclareWeight {
  return (name) => {
    const weight = weights.get(name);
    if (!weight) throw new AlignSquadError(`Weight ${name} does not exist.`, { code: 'training-failed' });
    return graph.initializer(name, weight.dims, weight.data);
  };
}

function startWeight(dims: readonly number[], start: WeightStart, random: Random): Float32Array {
  const data = new Float32Array(elementCount(dims));
  if ('constant' in start) return data.fill(start.constant);
  return data.map(() => random.normal() * start.deviation);
}
