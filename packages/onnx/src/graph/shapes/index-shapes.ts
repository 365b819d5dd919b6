import { AlignSquadError } from '@align-squad/core';
import { intAttribute } from '../attributes.js';
import { constantOf, dimsOf, frontAxis, sharedRule, unnamed, type ShapeRule } from './shape-rule.js';

const first: ShapeRule = (request) => [dimsOf(request, 0)];

const second: ShapeRule = (request) => [dimsOf(request, 1)];

const gather: ShapeRule = (request) => {
  const data = dimsOf(request, 0);
  const axis = frontAxis(intAttribute(request, 'axis', 0), data.length);
  return [[...data.slice(0, axis), ...dimsOf(request, 1), ...data.slice(axis + 1)]];
};

const gatherNd: ShapeRule = (request) => {
  const indices = dimsOf(request, 1);
  const depth = indices.at(-1);
  if (typeof depth !== 'number') throw new AlignSquadError('The last dimension of the indices of GatherND must be fixed.', { code: 'model-invalid' });
  return [[...indices.slice(0, -1), ...dimsOf(request, 0).slice(intAttribute(request, 'batch_dims', 0) + depth)]];
};

const topK: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const at = frontAxis(intAttribute(request, 'axis', -1), dims.length);
  const [count = 1] = constantOf(request, 1);
  return [dims.map((size, axis) => (axis === at ? count : size))];
};

/** How many elements are not zero is known only when the graph runs. */
const nonZero: ShapeRule = (request) => [[dimsOf(request, 0).length, unnamed]];

const oneHot: ShapeRule = (request) => {
  const dims = [...dimsOf(request, 0)];
  const [depth = 1] = constantOf(request, 1);
  dims.splice(frontAxis(intAttribute(request, 'axis', -1), dims.length + 1), 0, depth);
  return [dims];
};

const shape: ShapeRule = (request) => {
  const rank = dimsOf(request, 0).length;
  const place = (value: number): number => Math.min(Math.max(frontAxis(value, rank), 0), rank);
  const start = place(intAttribute(request, 'start', 0));
  return [[Math.max(0, place(intAttribute(request, 'end', rank)) - start)]];
};

const scalar: ShapeRule = () => [[]];

const range: ShapeRule = (request) => {
  const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((index) => constantOf(request, index)[0]);
  return [[Math.max(0, Math.ceil((limit - start) / delta))]];
};

const constantOfShape: ShapeRule = (request) => [constantOf(request, 0)];

/** Shapes of operators that read or write places by index, or make tensors from sizes. */
export const indexShapes: Readonly<Record<string, ShapeRule>> = {
  ...sharedRule('ScatterND ScatterElements', first),
  Gather: gather,
  GatherElements: second,
  GatherND: gatherNd,
  TopK: topK,
  NonZero: nonZero,
  OneHot: oneHot,
  Shape: shape,
  Size: scalar,
  Range: range,
  ConstantOfShape: constantOfShape,
};
