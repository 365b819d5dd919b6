import { AlignSquadError } from '@align-squad/core';
import { intAttribute, intsAttribute } from '../attributes.js';
import type { Dimension } from '../model.js';
import { broadcastDims, constantOf, dimsOf, frontAxis, knownCount, unnamed, type ShapeRule } from './shape-rule.js';

// No axis is longer, so a slice up to here is a slice to the end.
const openEnd = 2 ** 31 - 1;

const reshape: ShapeRule = (request) => {
  const from = dimsOf(request, 0);
  const keepsZero = intAttribute(request, 'allowzero', 0) === 0;
  const to: Dimension[] = constantOf(request, 1).map((size, axis) => (size === 0 && keepsZero ? (from[axis] ?? 1) : size));
  const open = to.indexOf(-1);
  if (open < 0) return [to];
  // A free dimension that stays where it is on both sides does not hide the size of the rest.
  const isKept = (axis: number): boolean => typeof from[axis] === 'string' && from[axis] !== unnamed && from[axis] === to[axis];
  const whole = knownCount(from.filter((_, axis) => !isKept(axis)));
  const used = knownCount(to.filter((_, axis) => axis !== open && !isKept(axis)));
  const size = whole === undefined || used === undefined ? unnamed : used === 0 ? 0 : whole / used;
  return [to.map((old, axis) => (axis === open ? size : old))];
};

const flatten: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axis = frontAxis(intAttribute(request, 'axis', 1), dims.length);
  const joined = (part: readonly Dimension[]): Dimension => knownCount(part) ?? (part.length === 1 ? (part[0] ?? unnamed) : unnamed);
  return [[joined(dims.slice(0, axis)), joined(dims.slice(axis))]];
};

const squeeze: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axes = request.inputs[1] ? constantOf(request, 1).map((axis) => frontAxis(axis, dims.length)) : undefined;
  return [dims.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1))];
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
  const order = intsAttribute(request, 'perm') ?? dims.map((_, axis) => dims.length - 1 - axis);
  return [order.map((axis) => dims[axis] ?? 1)];
};

const expand: ShapeRule = (request) => [broadcastDims(dimsOf(request, 0), constantOf(request, 1))];

const tile: ShapeRule = (request) => {
  const repeats = constantOf(request, 1);
  return [dimsOf(request, 0).map((size, axis) => scaled(size, repeats[axis] ?? 1))];
};

function scaled(size: Dimension, by: number): Dimension {
  if (by === 1) return size;
  return typeof size === 'number' ? size * by : unnamed;
}

/** First place, place after the last, and number of elements of a slice along an axis, as the runtime clamps them. */
export function sliceRange(size: number, start: number, end: number, step: number): { start: number; end: number; count: number } {
  // Backwards, the last place is size - 1 and an end before the first element is -1.
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const place = (value: number, lowest: number): number => Math.min(Math.max(value < 0 ? value + size : value, lowest), high);
  // A start before the first element is the first element, also backwards.
  const from = place(start, 0);
  const to = place(end, low);
  return { start: from, end: to, count: Math.max(0, Math.ceil((to - from) / step)) };
}

function slicedSize(size: Dimension, start: number, end: number, step: number): Dimension {
  if (typeof size === 'number') return sliceRange(size, start, end, step).count;
  return start === 0 && step === 1 && end >= openEnd ? size : unnamed;
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
  const axis = frontAxis(intAttribute(request, 'axis', 0), dims.length);
  const sizes = request.inputs.map((_, index) => dimsOf(request, index)[axis]);
  dims[axis] = sizes.every((size) => typeof size === 'number') ? sizes.reduce((sum, size) => sum + size, 0) : unnamed;
  return [dims];
};

/** Equal parts, the last one smaller where the size is no multiple, unless their sizes are given. */
const split: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const axis = frontAxis(intAttribute(request, 'axis', 0), dims.length);
  const sizes = request.inputs[1] ? constantOf(request, 1) : equalParts(dims[axis], intAttribute(request, 'num_outputs', request.outputs));
  return sizes.map((size) => dims.map((old, at) => (at === axis ? size : old)));
};

function equalParts(size: Dimension | undefined, count: number): Dimension[] {
  if (typeof size !== 'number') return Array.from({ length: count }, () => unnamed);
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, index) => Math.min(part, size - index * part));
}

const pad: ShapeRule = (request) => {
  const pads = constantOf(request, 1);
  const dims = dimsOf(request, 0);
  const axes = request.inputs[3] ? constantOf(request, 3).map((axis) => frontAxis(axis, dims.length)) : dims.map((_, axis) => axis);
  if (pads.length !== 2 * axes.length) throw new AlignSquadError('Pad needs two numbers an axis.', { code: 'model-invalid' });
  const added = new Map(axes.map((axis, index) => [axis, (pads[index] ?? 0) + (pads[index + axes.length] ?? 0)]));
  return [dims.map((size, axis) => resized(size, added.get(axis) ?? 0))];
};

function resized(size: Dimension, by: number): Dimension {
  if (by === 0) return size;
  return typeof size === 'number' ? size + by : unnamed;
}

/** Shapes of operators that move values to other places. */
export const layoutShapes: Readonly<Record<string, ShapeRule>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Slice: slice,
  Concat: concat,
  Split: split,
  Pad: pad,
};
