import { intAttribute, stringAttribute } from '../attributes.js';
import { parseEinsum } from './einsum-equation.js';
import { broadcastDims, dimsOf, type ShapeRule } from './shape-rule.js';

const matMul: ShapeRule = (request) => {
  const a = dimsOf(request, 0);
  const b = dimsOf(request, 1);
  // A vector stands for a row on the left and a column on the right, and its side of the product is left out.
  const rows = a.length === 1 ? [] : [a.at(intAttribute(request, 'transA', 0) ? -1 : -2) ?? 1];
  const columns = b.length === 1 ? [] : [b.at(intAttribute(request, 'transB', 0) ? -2 : -1) ?? 1];
  return [[...broadcastDims(a.slice(0, -2), b.slice(0, -2)), ...rows, ...columns]];
};

const gemm: ShapeRule = (request) => [
  [
    dimsOf(request, 0)[intAttribute(request, 'transA', 0) ? 1 : 0] ?? 1,
    dimsOf(request, 1)[intAttribute(request, 'transB', 0) ? 0 : 1] ?? 1,
  ],
];

const einsum: ShapeRule = (request) => {
  const inputs = request.inputs.map((_, index) => dimsOf(request, index));
  const { output, sizes } = parseEinsum(stringAttribute(request, 'equation', ''), inputs);
  return [output.map((letter) => sizes.get(letter) ?? 1)];
};

/** Shapes of matrix products. */
export const matrixShapes: Readonly<Record<string, ShapeRule>> = {
  MatMul: matMul,
  FusedMatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
};
