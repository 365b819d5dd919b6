import { AlignSquadError } from '@align-squad/core';
import type { ModelProto, NodeProto } from './model.js';

/** Options of `joinModels`. */
export interface JoinOptions {
  /** For inputs of the second model: the value of the first that feeds it; others must be inputs of the first by name. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Outputs of the first model to keep, in front of those of the second. @default none */
  readonly keep?: readonly string[] | undefined;
  /** Put before the names of the second model's inner values, so that they clash with none of the first. */
  readonly prefix: string;
}

/**
 * One model that runs `first`, then `second` on its values. Names of the second model's outputs stay.
 * @throws AlignSquadError `model-invalid` when an input of the second model is fed by nothing.
 */
export function joinModels(first: ModelProto, second: ModelProto, { bindings, keep = [], prefix }: JoinOptions): ModelProto {
  const inputs = new Set(first.graph.inputs.map(({ name }) => name));
  const outputs = new Set(second.graph.outputs.map(({ name }) => name));
  const fed = new Map(second.graph.inputs.map(({ name }) => {
    const source = bindings[name] ?? (inputs.has(name) ? name : undefined);
    if (source === undefined) throw new AlignSquadError(`Input ${name} of the model to join is fed by nothing.`, { code: 'model-invalid' });
    return [name, source];
  }));
  const rename = (name: string): string => {
    if (name === '' || outputs.has(name)) return name;
    return fed.get(name) ?? `${prefix}${name}`;
  };
  const nodes = second.graph.nodes.map((node): NodeProto => ({
    ...node,
    name: `${prefix}${node.name}`,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const initializers = second.graph.initializers.map((tensor) => ({ ...tensor, name: rename(tensor.name) }));
  const kept = first.graph.outputs.filter(({ name }) => keep.includes(name));
  return {
    ...first,
    opsets: joinOpsets(first.opsets, second.opsets),
    graph: {
      ...first.graph,
      nodes: [...first.graph.nodes, ...nodes],
      initializers: [...first.graph.initializers, ...initializers],
      outputs: [...kept, ...second.graph.outputs],
    },
  };
}

/** The first model's version of a domain counts: the second must keep to operators that mean the same in both. */
function joinOpsets(first: ModelProto['opsets'], second: ModelProto['opsets']): ModelProto['opsets'] {
  return { ...second, ...first };
}
