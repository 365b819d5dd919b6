import { floatsOf } from './float-data.js';
import type { NamedConstant } from './graph-constants.js';
import type { GraphProto, NodeProto } from './model.js';

// What lies between a table of frequencies and the sines and cosines of its angles.
const carriers = new Set(
  'MatMul Einsum Mul Div Add Pow Reciprocal Cast Reshape Squeeze Unsqueeze Flatten Expand Tile Transpose Concat Gather Slice Identity'.split(' '),
);
// Operators that read tables of cosines and sines, and where.
const tableInputs: Readonly<Record<string, readonly number[]>> = { RotaryEmbedding: [1, 2, 3], GroupQueryAttention: [7, 8] };
// Masks hold such numbers, weights don't.
const largestWeight = 1e9;
const tolerance = 1e-3;

/**
 * Names of the float constants that are given and not learned: what angles of sines and cosines come from, tables of sines
 * and cosines (two whose squares add up to the same everywhere, or one of which both halves or neighbours do), masks (values
 * from 1e9 up), and vectors in geometric progression (frequencies, slopes of ALiBi).
 */
export function findFixedTables(graph: GraphProto, constants: readonly NamedConstant[]): Set<string> {
  const fixed = angleSources(graph);
  const data = new Map(constants.map(({ name, tensor }) => [name, floatsOf(tensor)]));
  const circular: NamedConstant[] = [];
  for (const constant of constants) {
    const values = data.get(constant.name) ?? new Float32Array(0);
    if (isMask(values) || isGeometric(values, constant.tensor.dims) || isSinusoid(values, constant.tensor.dims)) fixed.add(constant.name);
    if (values.length > 2 && hasOtherMagnitudes(values)) circular.push(constant);
  }
  circular.forEach((a, index) => {
    for (const b of circular.slice(index + 1)) {
      if (String(a.tensor.dims) !== String(b.tensor.dims) || !isCircle(pairsOf(data.get(a.name), data.get(b.name)))) continue;
      fixed.add(a.name).add(b.name);
    }
  });
  return fixed;
}

/** Names of values that sines and cosines are taken of, back to where they come from. */
function angleSources(graph: GraphProto): Set<string> {
  const nodes = allNodes(graph);
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, NodeProto] => [name, node])));
  const waiting = nodes.flatMap(({ operator, inputs }) => {
    if (operator === 'Sin' || operator === 'Cos') return inputs;
    return (tableInputs[operator] ?? []).map((index) => inputs[index] ?? '');
  });
  const seen = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || seen.has(name)) continue;
    seen.add(name);
    const producer = producers.get(name);
    if (producer && carriers.has(producer.operator)) waiting.push(...producer.inputs);
  }
  return seen;
}

function allNodes(graph: GraphProto): NodeProto[] {
  return graph.nodes.flatMap((node) => {
    const inner = Object.values(node.attributes).flatMap((attribute) => (attribute.kind === 'graph' ? allNodes(attribute.value) : []));
    return [node, ...inner];
  });
}

function isMask(values: Float32Array): boolean {
  return values.some((value) => !(Math.abs(value) < largestWeight));
}

function isGeometric(values: Float32Array, dims: readonly number[]): boolean {
  const [first = 0, second = 0] = values;
  const ratio = second / first;
  if (values.length < 4 || Math.max(...dims) !== values.length || !(ratio > 0) || Math.abs(ratio - 1) < tolerance) return false;
  return values.every((value, index) => index === 0 || Math.abs(value / (values[index - 1] ?? 0) - ratio) < tolerance * ratio);
}

/** A table of positions [.., size] of sines and cosines, in halves or in turns. */
function isSinusoid(values: Float32Array, dims: readonly number[]): boolean {
  const size = dims.at(-1) ?? 0;
  if (dims.length < 2 || size < 2 || size % 2 !== 0 || values.length < 2 * size || !hasOtherMagnitudes(values)) return false;
  const half = size / 2;
  const place = (index: number): number => Math.floor(index / half) * size + (index % half);
  return (
    isCircle({ count: values.length / 2, at: (index) => [values[place(index)] ?? 0, values[place(index) + half] ?? 0] }) ||
    isCircle({ count: values.length / 2, at: (index) => [values[2 * index] ?? 0, values[2 * index + 1] ?? 0] })
  );
}

interface Pairs {
  readonly count: number;
  at(index: number): readonly [number, number];
}

function pairsOf(a: Float32Array = new Float32Array(0), b: Float32Array = new Float32Array(0)): Pairs {
  return { count: a.length, at: (index) => [a[index] ?? 0, b[index] ?? 0] };
}

/** All pairs lie on one circle around 0. */
function isCircle({ count, at }: Pairs): boolean {
  const radius = Math.hypot(...at(0));
  if (radius === 0) return false;
  for (let index = 1; index < count; index++) if (Math.abs(Math.hypot(...at(index)) - radius) > tolerance * radius) return false;
  return true;
}

/** Vectors that a model starts with (ones, zeros) lie on circles too. */
function hasOtherMagnitudes(values: Float32Array): boolean {
  const first = Math.abs(values[0] ?? 0);
  return values.some((value) => Math.abs(value) !== first);
}
