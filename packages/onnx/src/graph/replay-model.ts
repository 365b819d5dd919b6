import { AlignSquadError } from '@align-squad/core';
import { intAttribute } from './attributes.js';
import type { GraphBuilder } from './builder.js';
import { lowerings } from './lower/lowerings.js';
import type { ModelProto, NodeProto } from './model.js';
import { normalizeNode } from './normalize-node.js';

/**
 * Appends the nodes of a folded model to a graph, in forms that can be differentiated. `values` gives the graph's value
 * for each input of the model; returns the one of each output.
 * @throws AlignSquadError `unsupported-operator` naming operator, node and graph.
 */
export function replayModel(graph: GraphBuilder, model: ModelProto, values: ReadonlyMap<string, string>): Map<string, string> {
  const known = new Map([['', ''], ...values]);
  for (const tensor of model.graph.initializers) if (!known.has(tensor.name)) known.set(tensor.name, graph.constant(tensor));
  for (const node of model.graph.nodes) {
    const outputs = named(node, model, () => replayNode(graph, { ...node, inputs: node.inputs.map((name) => known.get(name) ?? name) }));
    node.outputs.forEach((name, index) => known.set(name, outputs[index] ?? ''));
  }
  return new Map(model.graph.outputs.map(({ name }) => [name, known.get(name) ?? name]));
}

function replayNode(graph: GraphBuilder, given: NodeProto): readonly string[] {
  const { node, integers } = normalizeNode(given);
  if (node.operator === 'Constant' && node.attributes['value']?.kind === 'tensor') return [graph.constant(node.attributes['value'].value)];
  if (node.operator === 'Identity') return [node.inputs[0] ?? ''];
  const inputs = integers === undefined ? node.inputs : withInput(node.inputs, integers.index, graph.int(integers.values));
  const key = node.domain === '' ? node.operator : `${node.domain}:${node.operator}`;
  const lowering = lowerings[key];
  if (lowering) return lowering(graph, { ...node, inputs });
  const whole = node.operator === 'Concat' ? withoutEmpty(graph, node, inputs) : inputs;
  if (node.operator === 'Concat' && whole.length === 1) return whole;
  return graph.node(node.operator, whole, {
    attributes: node.attributes,
    outputs: node.outputs.length,
    name: node.name,
    ...(node.domain === '' ? {} : { domain: node.domain }),
  });
}

function withInput(inputs: readonly string[], index: number, name: string): string[] {
  const all = [...inputs];
  while (all.length < index) all.push('');
  all[index] = name;
  return all;
}

/** Parts of a concatenation that hold nothing, such as an empty KV cache, are left out. */
function withoutEmpty(graph: GraphBuilder, node: NodeProto, inputs: readonly string[]): readonly string[] {
  const filled = inputs.filter((name) => {
    const { dims } = graph.info(name);
    const axis = intAttribute(node, 'axis', 0);
    return dims[axis < 0 ? axis + dims.length : axis] !== 0;
  });
  return filled.length === 0 ? inputs : filled;
}

/** An error of an operator says where it stands. */
function named<T>(node: NodeProto, { graph }: ModelProto, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!AlignSquadError.isInstance(error) || error.code !== 'unsupported-operator') throw error;
    throw new AlignSquadError(`${error.message} It is node ${node.name || 'without a name'} (${node.operator}) of graph ${graph.name || 'without a name'}.`, {
      code: error.code,
      cause: error,
    });
  }
}
