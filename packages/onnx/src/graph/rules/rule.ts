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

/** Appends dy/dx times the output's gradient for y = f(x). */
export type UnaryGradient = (graph: GraphBuilder, x: string, y: string, gradient: string) => string;

/** The rule of y = f(x), one clause each. */
export function unaryRule(derive: UnaryGradient): GradientRule {
  return (request) => [derive(request.graph, inputName(request.node, 0), request.node.outputs[0] ?? '', outputGradient(request))];
}

/**
 * The gradient of the first output, which the caller has checked to exist.
 * @throws AlignSquadError `unsupported-operator` when the loss depends on another output of the node.
 */
export function outputGradient(request: RuleRequest): string {
  const [first, ...others] = request.outputGradients;
  if (first === undefined || others.some((name) => name !== undefined)) throw noRule(request, 'by an output after its first');
  return first;
}

/** The error of a form of an operator that has no gradient rule; with no `form` the operator has none at all. */
export function noRule({ graph, node }: Pick<RuleRequest, 'graph' | 'node'>, form?: string): AlignSquadError {
  const operator = node.domain === '' ? node.operator : `${node.domain}:${node.operator}`;
  const what = form === undefined ? `operator ${operator}` : `${operator} ${form}`;
  const where = graph.name === undefined ? node.name : `${node.name} of ${graph.name}`;
  return new AlignSquadError(`No gradient rule for ${what} (node ${where}).`, { code: 'unsupported-operator' });
}

/** The name of an input; empty when it is left out. */
export function inputName(node: NodeProto, index: number): string {
  return node.inputs[index] ?? '';
}

/**
 * The numbers of an input, undefined when it is left out.
 * @throws AlignSquadError `unsupported-operator` when it is computed while the graph runs.
 */
export function constantInput(request: RuleRequest, index: number): readonly number[] | undefined {
  const name = inputName(request.node, index);
  if (name === '') return undefined;
  const { constant } = request.graph.info(name);
  if (!constant) throw noRule(request, `whose input ${index} is not constant`);
  return constant;
}

/** Sums a gradient of shape `from` down to shape `to`, which was broadcast to `from`. */
export function unbroadcast(graph: GraphBuilder, gradient: string, from: readonly number[], to: readonly number[]): string {
  const extra = from.length - to.length;
  const axes = from.flatMap((size, axis) => (axis < extra || ((to[axis - extra] ?? 1) === 1 && size !== 1) ? [axis] : []));
  if (axes.length === 0) return gradient;
  return reshaped(graph, graph.sum(gradient, axes), to);
}

/** The value in another shape; itself where it has that shape. */
export function reshaped(graph: GraphBuilder, name: string, dims: readonly number[]): string {
  const from = graph.shape(name);
  const isSame = from.length === dims.length && from.every((size, axis) => size === dims[axis]);
  return isSame ? name : graph.reshape(name, dims);
}
