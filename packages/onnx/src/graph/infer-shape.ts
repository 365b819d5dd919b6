import { AlignSquadError } from '@align-squad/core';
import type { Dimension } from './model.js';

/** What is known of a value when the graph is built: shape, element type, and its numbers when it is a small constant. */
export interface ValueInfo {
  readonly dims: readonly Dimension[];
  readonly type: number;
  /** The numbers of a small constant. */
  readonly constant?: readonly number[] | undefined;
}

/** What shape inference sees of a node. */
export interface ShapeRequest {
  readonly operator: string;
  readonly inputs: readonly (ValueInfo | undefined)[];
  int(name: string, otherwise: number): number;
  ints(name: string): readonly number[] | undefined;
}

type ShapeRule = (request: ShapeRequest) => readonly (readonly Dimension[])[];

// A free dimension without a name, for sizes that depend on free ones.
const unnamed = '';
// No axis is longer, so a slice up to here is a slice to the end.
const openEnd = 2 ** 31 - 1;

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

/** The axes that a reduction is over; none given are all. */
export function reducedAxes(axes: readonly number[] | undefined, rank: number): number[] {
  if (!axes || axes.length === 0) return Array.from({ length: rank }, (_, axis) => axis);
  return axes.map((axis) => frontAxis(axis, rank));
}

/** An axis counted from the front. */
export function frontAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

function dimsOf(request: ShapeRequest, index: number): readonly Dimension[] {
  const value = request.inputs[index];
  if (!value) throw new AlignSquadError(`Operator ${request.operator} lacks input ${index}.`, { code: 'model-invalid' });
  return value.dims;
}

function constantOf(request: ShapeRequest, index: number): readonly number[] {
  const constant = request.inputs[index]?.constant;
  if (!constant) {
    throw new AlignSquadError(`The shape of ${request.operator} depends on input ${index}, which is not constant.`, {
      code: 'unsupported-operator',
    });
  }
  return constant;
}

const same: ShapeRule = (request) => [dimsOf(request, 0)];
const broadcast: ShapeRule = (request) => [
  request.inputs.map((_, index) => dimsOf(request, index)).reduce((dims, next) => broadcastDims(dims, next)),
];

const reduce: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axes = reducedAxes(request.inputs[1] ? constantOf(request, 1) : undefined, dims.length);
  if (request.int('keepdims', 1) === 1) return [dims.map((size, axis) => (axes.includes(axis) ? 1 : size))];
  return [dims.filter((_, axis) => !axes.includes(axis))];
};

const matMul: ShapeRule = (request) => {
  const a = dimsOf(request, 0);
  const b = dimsOf(request, 1);
  // A vector stands for a row on the left and a column on the right, and its side of the product is left out.
  const rows = a.length === 1 ? [] : [a.at(request.int('transA', 0) ? -1 : -2) ?? 1];
  const columns = b.length === 1 ? [] : [b.at(request.int('transB', 0) ? -2 : -1) ?? 1];
  return [[...broadcastDims(a.slice(0, -2), b.slice(0, -2)), ...rows, ...columns]];
};

const reshape: ShapeRule = (request) => {
  const from = dimsOf(request, 0);
  const wanted = constantOf(request, 1);
  const to: Dimension[] = wanted.map((size, axis) => (size === 0 ? (from[axis] ?? 1) : size));
  const open = to.indexOf(-1);
  if (open < 0) return [to];
  const rest = from.filter((size) => typeof size === 'number').reduce((product, size) => product * size, 1);
  const used = to.filter((size, axis) => typeof size === 'number' && axis !== open).reduce<number>((product, size) => product * Number(size), 1);
  const allKnown = [...from, ...to].every((size) => typeof size === 'number');
  return [to.map((size, axis) => (axis === open ? (allKnown ? rest / used : unnamed) : size))];
};

function slicedSize(size: Dimension, start: number, end: number, step: number): Dimension {
  if (typeof size !== 'number') return start === 0 && step === 1 && end >= openEnd ? size : unnamed;
  // Backwards, the last place is size - 1 and an end before the first element is -1.
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, low), high);
  return Math.max(0, Math.ceil((place(end) - place(start)) / step));
}

const slice: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const starts = constantOf(request, 1);
  const ends = constantOf(request, 2);
  const axes = request.inputs[3] ? constantOf(request, 3) : starts.map((_, axis) => axis);
  const steps = request.inputs[4] ? constantOf(request, 4) : [];
  axes.forEach((axis, index) => {
    const at = frontAxis(axis, dims.length);
    dims[at] = slicedSize(dims[at] ?? unnamed, starts[index] ?? 0, ends[index] ?? 0, steps[index] ?? 1);
  });
  return [dims];
};

const concat: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const axis = frontAxis(request.int('axis', 0), dims.length);
  const sizes = request.inputs.map((_, index) => dimsOf(request, index)[axis]);
  dims[axis] = sizes.every((size) => typeof size === 'number') ? sizes.reduce((sum, size) => sum + size, 0) : unnamed;
  return [dims];
};

function resized(size: Dimension, by: number): Dimension {
  if (by === 0) return size;
  return typeof size === 'number' ? size + by : unnamed;
}

const pad: ShapeRule = (request) => {
  const pads = constantOf(request, 1);
  const dims = dimsOf(request, 0);
  const axes = request.inputs[3] ? constantOf(request, 3).map((axis) => frontAxis(axis, dims.length)) : dims.map((_, axis) => axis);
  const added = new Map(axes.map((axis, index) => [axis, (pads[index] ?? 0) + (pads[index + axes.length] ?? 0)]));
  return [dims.map((size, axis) => resized(size, added.get(axis) ?? 0))];
};

const gather: ShapeRule = (request) => {
  const data = dimsOf(request, 0);
  const axis = frontAxis(request.int('axis', 0), data.length);
  return [[...data.slice(0, axis), ...dimsOf(request, 1), ...data.slice(axis + 1)]];
};

const gatherNd: ShapeRule = (request) => {
  const indices = dimsOf(request, 1);
  const depth = indices.at(-1);
  if (typeof depth !== 'number') throw new AlignSquadError('The last dimension of the indices of GatherND must be fixed.', { code: 'model-invalid' });
  return [[...indices.slice(0, -1), ...dimsOf(request, 0).slice(request.int('batch_dims', 0) + depth)]];
};

const split: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axis = frontAxis(request.int('axis', 0), dims.length);
  return constantOf(request, 1).map((size) => dims.map((old, at) => (at === axis ? size : old)));
};

const unsqueeze: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const rank = dims.length + constantOf(request, 1).length;
  const places = constantOf(request, 1).map((axis) => frontAxis(axis, rank)).sort((a, b) => a - b);
  for (const place of places) dims.splice(place, 0, 1);
  return [dims];
};

const transpose: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const order = request.ints('perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  return [order.map((axis) => dims[axis] ?? 1)];
};

const expand: ShapeRule = (request) => [broadcastDims(dimsOf(request, 0), constantOf(request, 1))];

const gemm: ShapeRule = (request) => [
  [
    dimsOf(request, 0)[request.int('transA', 0) ? 1 : 0] ?? 1,
    dimsOf(request, 1)[request.int('transB', 0) ? 0 : 1] ?? 1,
  ],
];

/** Mean and inverse deviation, the second and third outputs, keep the normalised axes with size 1. */
const layerNormalization: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const first = frontAxis(request.int('axis', -1), dims.length);
  const statistic = dims.map((size, axis) => (axis < first ? size : 1));
  return [dims, statistic, statistic];
};

const second: ShapeRule = (request) => [dimsOf(request, 1)];

const table = (names: string, rule: ShapeRule): Record<string, ShapeRule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const rules: Readonly<Record<string, ShapeRule>> = {
  ...table('Abs Neg Exp Log Sqrt Reciprocal Sin Cos Sign Relu Tanh Sigmoid Softplus Erf Gelu Not Cast Identity Clip', same),
  ...table('Softmax LogSoftmax CumSum ScatterND ScatterElements Round', same),
  ...table('Add Sub Mul Div Pow Mod Min Max Sum Where Equal Less LessOrEqual Greater GreaterOrEqual And Or', broadcast),
  ...table('ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2', reduce),
  ...table('MatMul FusedMatMul', matMul),
  Gemm: gemm,
  LayerNormalization: layerNormalization,
  Reshape: reshape,
  Slice: slice,
  Concat: concat,
  Pad: pad,
  Gather: gather,
  GatherElements: second,
  GatherND: gatherNd,
  Split: split,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
};

/** Names of the operators whose shapes are known. */
export const shapedOperators: readonly string[] = Object.keys(rules);

/**
 * Shapes of a node's outputs.
 * @throws AlignSquadError `unsupported-operator` for an operator without a rule.
 */
export function inferShapes(request: ShapeRequest): readonly (readonly Dimension[])[] {
  const rule = rules[request.operator];
  if (!rule) {
    throw new AlignSquadError(`No shape rule for operator ${request.operator}.`, { code: 'unsupported-operator' });
  }
  return rule(request);
}
