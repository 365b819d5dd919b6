import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from '../builder.js';
import type { NodeProto } from '../model.js';

/**
 * Appends nodes that do what one node does, all of which can be differentiated; the node's inputs are values of the graph.
 * Returns the names of the node's outputs, '' for one that is unused.
 * @throws AlignSquadError `unsupported-operator` for a form of the operator that it can't do.
 */
export type Lowering = (graph: GraphBuilder, node: NodeProto) => readonly string[];

/** The error of a form of an operator that has no lowering. */
export function noLowering(graph: GraphBuilder, node: NodeProto, form: string): AlignSquadError {
  const where = graph.name === undefined ? node.name : `${node.name} of ${graph.name}`;
  return new AlignSquadError(`${node.operator} ${form} can't be trained (node ${where}).`, { code: 'unsupported-operator' });
}

/**
 * Refuses a node that has one of these inputs, or that returns one of these outputs.
 * @throws AlignSquadError `unsupported-operator`
 */
export function refuse(graph: GraphBuilder, node: NodeProto, forms: { inputs?: Readonly<Record<number, string>>; outputs?: Readonly<Record<number, string>> }): void {
  for (const [index, form] of Object.entries(forms.inputs ?? {})) if (node.inputs[Number(index)]) throw noLowering(graph, node, form);
  for (const [index, form] of Object.entries(forms.outputs ?? {})) if (node.outputs[Number(index)]) throw noLowering(graph, node, form);
}
