import { AlignSquadError } from '@align-squad/core';
import type { Attributed } from '../attributes.js';
import type { Dimension } from '../model.js';

/** What is known of a value when the graph is built: shape, element type, and its numbers when it is a small constant. */
export interface ValueInfo {
  readonly dims: readonly Dimension[];
  readonly type: number;
  /** The numbers of a small constant. */
  readonly constant?: readonly number[] | undefined;
}

/** What shape inference sees of a node. */
export interface ShapeRequest extends Attributed {
  readonly operator: string;
  readonly inputs: readonly (ValueInfo | undefined)[];
  /** How many outputs the node has. */
  readonly outputs: number;
  /** Names of the node and its graph, for error messages. */
  readonly place?: string | undefined;
}

/** Shapes of a node's outputs, in their order; the last one stands for those that follow. */
export type ShapeRule = (request: ShapeRequest) => readonly (readonly Dimension[])[];

/** How messages call the node. */
export function describeNode({ operator, place }: ShapeRequest): string {
  return place === undefined ? operator : `${operator} (${place})`;
}

/** A free dimension without a name, for sizes that depend on free ones. */
export const unnamed = '';

/** The shape that two shapes broadcast to; of two free dimensions with different names either may be the size, so it has none. */
export function broadcastDims(a: readonly Dimension[], b: readonly Dimension[]): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1 || typeof right === 'number') return right;
    return typeof left === 'number' ? left : unnamed;
  });
}

/** The axes that a reduction is over; none given are all, unless the operator then does nothing. */
export function reducedAxes(axes: readonly number[] | undefined, rank: number, noneIsNone = false): number[] {
  if (axes && axes.length > 0) return axes.map((axis) => frontAxis(axis, rank));
  return noneIsNone ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

/** An axis counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * The shape of an input.
 * @throws AlignSquadError `model-invalid` when the node lacks it.
 */
export function dimsOf(request: ShapeRequest, index: number): readonly Dimension[] {
  const value = request.inputs[index];
  if (!value) throw new AlignSquadError(`Operator ${describeNode(request)} lacks input ${index}.`, { code: 'model-invalid' });
  return value.dims;
}

/**
 * The numbers of an input that the output's shape depends on.
 * @throws AlignSquadError `unsupported-operator` when they are computed while the graph runs.
 */
export function constantOf(request: ShapeRequest, index: number): readonly number[] {
  const constant = request.inputs[index]?.constant;
  if (constant) return constant;
  throw new AlignSquadError(`The shape of ${describeNode(request)} depends on input ${index}, which is not constant.`, {
    code: 'unsupported-operator',
  });
}

/** A table with one rule for several operators, whose names are parted by blanks. */
export function sharedRule(operators: string, rule: ShapeRule): Record<string, ShapeRule> {
  return Object.fromEntries(operators.split(' ').map((operator) => [operator, rule]));
}

/** The number of elements; undefined where a dimension is free. */
export function knownCount(dims: readonly Dimension[]): number | undefined {
  return dims.reduce<number | undefined>(
    (product, size) => (product === undefined || typeof size !== 'number' ? undefined : product * size),
    1,
  );
}
