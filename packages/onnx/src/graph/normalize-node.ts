import { AlignSquadError } from '@align-squad/core';
import { intsAttribute } from './attributes.js';
import type { NodeProto } from './model.js';

/** The oldest operator set that models may be written for. */
export const oldestOpset = 13;

/** A node in the form of opset 20, and lists of integers that have become inputs: index of the input, then the integers. */
export interface NormalizedNode {
  readonly node: NodeProto;
  readonly integers?: { readonly index: number; readonly values: readonly number[] } | undefined;
}

const reductions = new Set('ReduceSum ReduceMean ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceProd ReduceLogSumExp ReduceSumSquare'.split(' '));

/** Rewrites a node of opset 13 or newer as opset 20 has it: axes of reductions are an input, a split in equal parts says so. */
export function normalizeNode(node: NodeProto): NormalizedNode {
  if (node.domain !== '') return { node };
  const axes = intsAttribute(node, 'axes');
  if (axes !== undefined && reductions.has(node.operator)) {
    const { axes: _moved, ...attributes } = node.attributes;
    return { node: { ...node, attributes }, integers: { index: 1, values: axes } };
  }
  if (node.operator === 'Split' && !node.inputs[1] && node.attributes['num_outputs'] === undefined) {
    const attributes = { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } as const };
    return { node: { ...node, attributes } };
  }
  return { node };
}

/**
 * Refuses models of operator sets that mean other things by the same names.
 * @throws AlignSquadError `unsupported-operator`
 */
export function requireOpset(opsets: Readonly<Record<string, number>>): void {
  const opset = opsets[''] ?? 0;
  if (opset >= oldestOpset) return;
  throw new AlignSquadError(`The graph is written for opset ${opset}: export it again for opset ${oldestOpset} or newer.`, {
    code: 'unsupported-operator',
  });
}
