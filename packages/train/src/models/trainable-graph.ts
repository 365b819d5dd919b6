import type { GraphBuilder, ImportedModel } from '@align-squad/onnx/graph';
import type { DeclareWeight, Weights } from './weights.js';

/** The weights of imported models as those of a training; models that share a name share the weight. */
export function importedWeights(...models: readonly ImportedModel[]): Weights {
  return new Map(models.flatMap(({ weights }) => [...weights].map(([name, { dims, data }]) => [name, { dims, data: Float32Array.from(data) }] as const)));
}

/** Declares a weight where it is first asked for, and gives the same value after that. */
export function declareOnce(weight: DeclareWeight): DeclareWeight {
  const known = new Map<string, string>();
  return (name, dims, start) => {
    const value = known.get(name) ?? weight(name, dims, start);
    known.set(name, value);
    return value;
  };
}

/** Appends an imported model whose weights exist. */
export function appendModel(
  graph: GraphBuilder,
  weight: DeclareWeight,
  model: ImportedModel,
  inputs: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  return model.append(graph, (name, dims) => weight(name, dims, { constant: 0 }), inputs);
}
