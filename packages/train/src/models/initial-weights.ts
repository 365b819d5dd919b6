import { AlignSquadError, type Random } from '@align-squad/core';
import { elementCount, type GraphBuilder } from '@align-squad/onnx/graph';
import type { DeclareWeight, Weights, WeightStart } from './weights.js';

/**
 * Weights become constants of the graph, created in `weights` on first use; a name declared again is the same value.
 * @throws AlignSquadError `model-invalid` where `weights` holds another shape under that name.
 */
export function initialWeights(graph: GraphBuilder, weights: Weights, random: Random): DeclareWeight {
  const declared = new Set<string>();
  return (name, dims, start) => {
    if (declared.has(name)) return name;
    declared.add(name);
    const weight = weights.get(name) ?? { dims, data: startValues(elementCount(dims), start, random) };
    if (weight.dims.join() !== dims.join()) {
      const [expected, got] = [dims, weight.dims].map((shape) => `[${shape.join(', ')}]`);
      throw new AlignSquadError(`Expected weight ${name} of shape ${expected}, got ${got}.`, { code: 'model-invalid' });
    }
    weights.set(name, weight);
    return graph.initializer(name, dims, weight.data);
  };
}

function startValues(count: number, start: WeightStart, random: Random): Float32Array {
  const values = new Float32Array(count);
  return 'constant' in start ? values.fill(start.constant) : values.map(() => start.deviation * random.normal());
}
