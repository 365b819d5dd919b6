import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import { shapedOperators } from './infer-shape.js';
import { lowerings } from './lower/lowerings.js';
import { elementCount, type GraphProto, type NodeProto } from './model.js';
import { normalizeNode } from './normalize-node.js';

// Operators of the runtime that the graph's own rules know.
const ownContribOperators = new Set(['FusedMatMul']);
const shaped = new Set(shapedOperators);

/**
 * Appends the nodes of a folded model to `graph`; `values` has the graph's value of each input, and gets those of all others.
 * @throws AlignSquadError `unsupported-operator`, naming operator, node and model, for an operator without rules.
 */
export function replayGraph(graph: GraphBuilder, source: GraphProto, values: Map<string, string>): void {
  const constants = new Map(source.initializers.map((tensor) => [tensor.name, tensor]));
  const valueOf = (name: string): string => {
    if (name === '') return '';
    const known = values.get(name);
    if (known !== undefined) return known;
    const constant = constants.get(name);
    if (!constant) throw new AlignSquadError(`The model has no value named ${name}.`, { code: 'model-invalid' });
    const value = graph.constant(constant);
    values.set(name, value);
    return value;
  };
  for (const node of source.nodes) {
    const name = `${node.name || (node.outputs[0] ?? '')} of ${source.name || 'the model'}`;
    const outputs = appendNode(graph, { ...node, name, inputs: node.inputs.map(valueOf) });
    node.outputs.forEach((output, index) => {
      if (output !== '') values.set(output, outputs[index] ?? '');
    });
  }
  for (const { name } of source.outputs) valueOf(name);
}

/** Appends one node, whose inputs are values of the graph; returns the names of its outputs. */
function appendNode(graph: GraphBuilder, node: NodeProto): readonly string[] {
  const [first = ''] = node.inputs;
  if (node.domain === '') {
    // Without training, dropout lets everything through.
    if (node.operator === 'Identity' || node.operator === 'Dropout') return [first];
    const constant = node.operator === 'Constant' ? node.attributes['value'] : undefined;
    if (constant?.kind === 'tensor') return [graph.constant(constant.value)];
    const filled = node.operator === 'Concat' ? node.inputs.filter((name) => elementCount(graph.shape(name)) > 0) : [];
    if (filled.length === 1) return filled;
    if (filled.length > 1) return appendKnown(graph, { ...node, inputs: filled });
  }
  const lowering = ownEntry(lowerings, node.domain === '' ? node.operator : `${node.domain}:${node.operator}`);
  if (lowering) return lowering(graph, node);
  const isKnown = node.domain === '' ? shaped.has(node.operator) : ownContribOperators.has(node.operator);
  if (isKnown) return appendKnown(graph, normalizeNode(graph, node));
  throw new AlignSquadError(`Operator ${node.operator} can't be trained (node ${node.name}).`, { code: 'unsupported-operator' });
}

function appendKnown(graph: GraphBuilder, { operator, domain, name, inputs, outputs, attributes }: NodeProto): readonly string[] {
  return graph.node(operator, inputs, { attributes, outputs: outputs.length, name, domain });
}

function ownEntry<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
