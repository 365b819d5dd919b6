import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from '../builder.js';
import type { NodeProto } from '../model.js';

/** What a gradient rule works on. */
export interface RuleRequest {
  readonly graph: GraphBuilder;
  readonly node: NodeProto;
  /** Gradient of each output; undefined where the loss does not depend on it. */
  readonly outputGradients: readonly (string | undefined)[];
  /** The gradient of that input is wanted. */
  needs(index: number): boolean;
}

/** Appends the backward pass of one node; returns the gradient of each input, undefined where there is none. */
export type GradientRule = (request: RuleRequest) => readonly (string | undefined)[];

/**
 * The gradient of the first output, which the caller has checked to exist.
 * @throws AlignSquadError `unsupported-operator` when the loss depends on another output of the node.
 */
export function outputGradient(request: RuleRequest): string {
  const [first, ...others] = request.outputGradients;
  if (first === undefined || others.some((name) => name !== undefined)) throw noRule(request.node, 'by an output after its first');
  return first;
}

/** The error of a form of an operator that has no gradient rule. */
export function noRule(node: NodeProto, form: string): AlignSquadError {
  return new AlignSquadError(`No gradient rule for ${node.operator} ${form} (node ${node.name}).`, { code: 'unsupported-operator' });
}

/** An integer attribute. */
export function intAttribute(node: NodeProto, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

/** A float attribute. */
export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'float' ? attribute.value : otherwise;
}

/** The name of an input; empty when it is left out. */
export function inputName(node: NodeProto, index: number): string {
  return node.inputs[index] ?? '';
}

/** Sums a gradient of shape `from` down to shape `to`, which was broadcast to `from`. */
export function unbroadcast(graph: GraphBuilder, gradient: string, from: readonly number[], to: readonly number[]): string {
  const extra = from.length - to.length;
  const axes = from.flatMap((size, axis) => (axis < extra || ((to[axis - extra] ?? 1) === 1 && size !== 1) ? [axis] : []));
  if (axes.length === 0) return gradient;
  return graph.reshape(graph.sum(gradient, axes), to);
}
