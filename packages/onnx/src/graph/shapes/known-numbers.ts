import { intAttribute } from '../attributes.js';
import { bytesToNumbers } from '../tensor-numbers.js';
import { dataType, type Dimension } from '../model.js';
import { frontAxis, knownCount, type ShapeRequest } from './shape-rule.js';
import { sliceRange } from './layout-shapes.js';

type Numbers = readonly number[];
type Fold = (request: ShapeRequest, count: number) => Numbers | undefined;

/** Constants with more numbers are not followed. */
export const mostKnownNumbers = 64;

const numbersOf = (request: ShapeRequest, index: number): Numbers | undefined => request.inputs[index]?.constant;
const isWhole = (request: ShapeRequest): boolean => request.inputs[0]?.type !== dataType.float32;

/** One number for each element, of scalars and vectors that broadcast to `count` elements. */
const elementwise = (combine: (request: ShapeRequest, ...values: number[]) => number): Fold => (request, count) => {
  const lists = request.inputs.map((value) => value?.constant);
  const dims = request.inputs.map((value) => value?.dims ?? []);
  if (dims.some((shape) => shape.length > 1) || !lists.every((list) => list !== undefined)) return undefined;
  return Array.from({ length: count }, (_, index) => combine(request, ...lists.map((list) => list[list.length === 1 ? 0 : index] ?? 0)));
};

const unchanged: Fold = (request) => numbersOf(request, 0);

const cast: Fold = (request) => {
  const to = intAttribute(request, 'to', dataType.float32);
  const convert = to === dataType.bool ? (value: number) => Number(value !== 0) : to === dataType.float32 ? Math.fround : Math.trunc;
  return to === dataType.float16 || to === dataType.bfloat16 ? undefined : numbersOf(request, 0)?.map(convert);
};

const shape: Fold = ({ inputs, attributes }) => {
  const dims = inputs[0]?.dims ?? [];
  const start = intAttribute({ attributes }, 'start', 0);
  const part = dims.slice(start, intAttribute({ attributes }, 'end', dims.length));
  return part.every((size) => typeof size === 'number') ? part : undefined;
};

const size: Fold = ({ inputs }) => {
  const count = knownCount(inputs[0]?.dims ?? []);
  return count === undefined ? undefined : [count];
};

const concat: Fold = ({ inputs }) => {
  const lists = inputs.map((value) => value?.constant);
  const areVectors = inputs.every((value) => value?.dims.length === 1);
  return areVectors && lists.every((list) => list !== undefined) ? lists.flat() : undefined;
};

const gather: Fold = (request) => {
  const data = numbersOf(request, 0);
  const indices = numbersOf(request, 1);
  if (!data || !indices || request.inputs[0]?.dims.length !== 1) return undefined;
  return indices.map((index) => data[frontAxis(index, data.length)] ?? 0);
};

const slice: Fold = (request) => {
  const [data, starts, ends] = [0, 1, 2].map((index) => numbersOf(request, index));
  if (!data || !starts || !ends || request.inputs[0]?.dims.length !== 1) return undefined;
  const [step = 1] = request.inputs[4] ? (numbersOf(request, 4) ?? []) : [];
  const { start, count } = sliceRange(data.length, starts[0] ?? 0, ends[0] ?? 0, step);
  return Array.from({ length: count }, (_, index) => data[start + index * step] ?? 0);
};

const range: Fold = (request, count) => {
  const [start = 0, , delta = 1] = [0, 1, 2].map((index) => numbersOf(request, index)?.[0]);
  return Array.from({ length: count }, (_, index) => start + index * delta);
};

const constantOfShape: Fold = ({ attributes }, count) => {
  const value = attributes['value'];
  const [fill = 0] = value?.kind === 'tensor' ? (bytesToNumbers(value.value) ?? []) : [];
  return Array.from({ length: count }, () => fill);
};

const expand: Fold = (request, count) => {
  const numbers = numbersOf(request, 0);
  return numbers?.length === 1 ? Array.from({ length: count }, () => numbers[0] ?? 0) : numbers?.length === count ? numbers : undefined;
};

const product: Fold = (request) => numbersOf(request, 0)?.reduce<number[]>(([total = 1], value) => [total * value], [1]);

const flag = (test: (a: number, b: number) => boolean): Fold => elementwise((_, a = 0, b = 0) => Number(test(a, b)));

const folds: Readonly<Record<string, Fold>> = {
  Identity: unchanged,
  Reshape: unchanged,
  Squeeze: unchanged,
  Unsqueeze: unchanged,
  Flatten: unchanged,
  Cast: cast,
  Shape: shape,
  Size: size,
  Concat: concat,
  Gather: gather,
  Slice: slice,
  Range: range,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  ReduceProd: (request, count) => (count === 1 ? product(request, count) : undefined),
  Neg: elementwise((_, a = 0) => -a),
  Not: elementwise((_, a = 0) => Number(a === 0)),
  Sqrt: elementwise((_, a = 0) => Math.fround(Math.sqrt(a))),
  Add: elementwise((_, a = 0, b = 0) => a + b),
  Sub: elementwise((_, a = 0, b = 0) => a - b),
  Mul: elementwise((_, a = 0, b = 0) => a * b),
  Div: elementwise((request, a = 0, b = 1) => (isWhole(request) ? Math.trunc(a / b) : a / b)),
  // The sign of the divisor, as in Python, unless `fmod` asks for that of the dividend.
  Mod: elementwise((request, a = 0, b = 1) => (intAttribute(request, 'fmod', 0) === 1 ? a % b : a - b * Math.floor(a / b))),
  Min: elementwise((_, ...values) => Math.min(...values)),
  Max: elementwise((_, ...values) => Math.max(...values)),
  Equal: flag((a, b) => a === b),
  Less: flag((a, b) => a < b),
  LessOrEqual: flag((a, b) => a <= b),
  Greater: flag((a, b) => a > b),
  GreaterOrEqual: flag((a, b) => a >= b),
  Where: elementwise((_, condition = 0, a = 0, b = 0) => (condition === 0 ? b : a)),
};

/** The numbers of a node's first output, where it is small and they follow from constants and shapes alone. */
export function knownNumbers(request: ShapeRequest, dims: readonly Dimension[]): Numbers | undefined {
  const count = knownCount(dims);
  if (count === undefined || count > mostKnownNumbers) return undefined;
  return folds[request.operator]?.(request, count);
}
