import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import type { ModelProto, NodeProto } from './model.js';

const oldestOpset = 13;
// Axes became an input with opset 18; ReduceSum had them as one before.
const reductions = new Set('ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'.split(' '));

/**
 * Refuses operator sets whose operators have other forms.
 * @throws AlignSquadError `model-invalid` below opset 13.
 */
export function requireOpset({ opsets }: ModelProto): void {
  const version = opsets[''] ?? 0;
  if (version >= oldestOpset) return;
  throw new AlignSquadError(`The model has operator set ${version}, and ${oldestOpset} is the oldest that can be trained: export it again.`, {
    code: 'model-invalid',
  });
}

/** A node of opset 13 or later in the form of opset 20, which graphs are built in; its inputs are values of `graph`. */
export function normalizeNode(graph: GraphBuilder, node: NodeProto): NodeProto {
  if (node.domain !== '') return node;
  const { axes, ...attributes } = node.attributes;
  if (reductions.has(node.operator) && axes?.kind === 'ints') {
    return { ...node, attributes, inputs: [node.inputs[0] ?? '', graph.int(axes.value)] };
  }
  if (node.operator === 'Split' && (node.inputs[1] ?? '') === '' && !node.attributes['num_outputs']) {
    // Without sizes, opset 18 wants the number of parts.
    return { ...node, inputs: node.inputs.slice(0, 1), attributes: { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } } };
  }
  return node;
}
