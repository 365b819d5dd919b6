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

/** The shape that two shapes broadcast to; a free dimension wins over 1 and loses to nothing else. */
export function broadcastDims(a: readonly Dimension[], b: readonly Dimension[]): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const left = a[index - rank + a.length] ?? 1;
    const right = b[index - rank + b.length] ?? 1;
    return left === 1 ? right : left;
  });
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
  const axes = (request.inputs[1] ? constantOf(request, 1) : dims.map((_, axis) => axis)).map((axis) => frontAxis(axis, dims.length));
  if (request.int('keepdims', 1) === 1) return [dims.map((size, axis) => (axes.includes(axis) ? 1 : size))];
  return [dims.filter((_, axis) => !axes.includes(axis))];
};

const matMul: ShapeRule = (request) => {
  const a = dimsOf(request, 0);
  const b = dimsOf(request, 1);
  const rows = a.at(request.int('transA', 0) ? -1 : -2) ?? 1;
  const columns = b.at(request.int('transB', 0) ? -2 : -1) ?? 1;
  return [[...broadcastDims(a.slice(0, -2), b.slice(0, -2)), rows, columns]];
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
  return [to.map((size, axis) => (axis === open ? (allKnown ? rest / used : 'unknown') : size))];
};

const slice: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const starts = constantOf(request, 1);
  const ends = constantOf(request, 2);
  const axes = request.inputs[3] ? constantOf(request, 3) : starts.map((_, axis) => axis);
  axes.forEach((axis, index) => {
    const size = dims[frontAxis(axis, dims.length)];
    if (typeof size !== 'number') return;
    const place = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
    dims[frontAxis(axis, dims.length)] = Math.max(0, place(ends[index] ?? 0) - place(starts[index] ?? 0));
  });
  return [dims];
};

const concat: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const axis = frontAxis(request.int('axis', 0), dims.length);
  const sizes = request.inputs.map((_, index) => dimsOf(request, index)[axis]);
  dims[axis] = sizes.every((size) => typeof size === 'number') ? sizes.reduce((sum, size) => sum + size, 0) : 'unknown';
  return [dims];
};

const pad: ShapeRule = (request) => {
  const pads = constantOf(request, 1);
  const dims = dimsOf(request, 0);
  return [dims.map((size, axis) => (typeof size === 'number' ? size + (pads[axis] ?? 0) + (pads[axis + dims.length] ?? 0) : size))];
};

const gather: ShapeRule = (request) => {
  const data = dimsOf(request, 0);
  const axis = frontAxis(request.int('axis', 0), data.length);
  return [[...data.slice(0, axis), ...dimsOf(request, 1), ...data.slice(axis + 1)]];
};

const gatherNd: ShapeRule = (request) => {
  const indices = dimsOf(request, 1);
  return [[...indices.slice(0, -1), ...dimsOf(request, 0).slice(Number(indices.at(-1)))]];
};

const split: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axis = frontAxis(request.int('axis', 0), dims.length);
  return constantOf(request, 1).map((size) => dims.map((old, at) => (at === axis ? size : old)));
};

const unsqueeze: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const axes = constantOf(request, 1);
  for (const axis of [...axes].sort((a, b) => a - b)) dims.splice(frontAxis(axis, dims.length + axes.length), 0, 1);
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

const second: ShapeRule = (request) => [dimsOf(request, 1)];

const table = (names: string, rule: ShapeRule): Record<string, ShapeRule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const rules: Readonly<Record<string, ShapeRule>> = {
  ...table('Abs Neg Exp Log Sqrt Reciprocal Sin Cos Sign Relu Tanh Sigmoid Softplus Erf Gelu Not Cast Identity Clip', same),
  ...table('Softmax LogSoftmax LayerNormalization CumSum ScatterND ScatterElements Round', same),
  ...table('Add Sub Mul Div Pow Mod Min Max Sum Where Equal Less LessOrEqual Greater GreaterOrEqual And Or', broadcast),
  ...table('ReduceSum ReduceMean ReduceMax ReduceMin ReduceL2', reduce),
  ...table('MatMul FusedMatMul', matMul),
  Gemm: gemm,
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
