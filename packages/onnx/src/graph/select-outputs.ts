import { AlignSquadError } from '@align-squad/core';
import type { GraphProto, ModelProto, NodeProto } from './model.js';

/**
 * The part of a model that gives the named values, which may be inner ones; everything else is left out.
 * @throws AlignSquadError `model-invalid` for a value that the model does not have.
 */
export function selectOutputs(model: ModelProto, names: readonly string[]): ModelProto {
  const { graph } = model;
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name): [string, NodeProto] => [name, node])));
  const known = new Set([...producers.keys(), ...graph.inputs.map(({ name }) => name), ...graph.initializers.map(({ name }) => name)]);
  const missing = names.find((name) => !known.has(name));
  if (missing !== undefined) throw new AlignSquadError(`The graph has no value named ${missing}.`, { code: 'model-invalid' });
  const needed = new Set<string>();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const producer = producers.get(name);
    if (producer) waiting.push(...readNames(producer));
  }
  const declared = new Map(graph.outputs.map((output) => [output.name, output]));
  const selected: GraphProto = {
    ...graph,
    nodes: graph.nodes.filter(({ outputs }) => outputs.some((name) => needed.has(name))),
    initializers: graph.initializers.filter(({ name }) => needed.has(name)),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs: names.map((name) => declared.get(name) ?? { name, type: 0 }),
  };
  return { ...model, graph: selected };
}

/** Names that a node reads, those of its nested graphs too. */
function readNames(node: NodeProto): string[] {
  const nested = Object.values(node.attributes).flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : []));
  const inner = nested.flatMap((graph) => [...graph.nodes.flatMap(readNames), ...graph.outputs.map(({ name }) => name)]);
  return [...node.inputs, ...inner].filter((name) => name !== '');
}
