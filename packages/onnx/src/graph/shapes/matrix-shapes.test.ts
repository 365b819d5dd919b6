import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { dataType, type Dimension } from '../model.js';
import { matrixShapes } from './matrix-shapes.js';
import { describeShapes, float, row, type Input, type ShapeCase } from './test-support.js';

const x = float('batch', 'sequence', 4);
const einsum = (equation: string, inputs: readonly Input[], shape: readonly Dimension[]): ShapeCase =>
  row('Einsum', inputs, shape, (graph, ...names) => graph.op('Einsum', names, { equation }));

describeShapes(matrixShapes, [
  row('MatMul', [x, float(4, 3)], ['batch', 'sequence', 3]),
  row('MatMul', [float('batch', 1, 'sequence', 4), float(3, 4, 'sequence')], ['batch', 3, 'sequence', 'sequence']),
  row('MatMul', [float(4), x], ['batch', 'sequence'], (graph, a, b) => graph.op('MatMul', [a, graph.transpose(b, [0, 2, 1])])),
  row('MatMul', [x, float(4)], ['batch', 'sequence']),
  row('MatMul', [float(4), float(4)], []),
  row('FusedMatMul', [x, float('batch', 'sequence', 3)], ['batch', 4, 3], (graph, a, b) => graph.fusedMatMul(a, b, { transA: 1 })),
  row('FusedMatMul', [x, float(3, 4)], ['batch', 'sequence', 3], (graph, a, b) => graph.fusedMatMul(a, b, { transB: 1 })),
  row('Gemm', [float(4, 'batch'), float(3, 4), float(3)], ['batch', 3], (graph, ...names) => graph.op('Gemm', names, { transA: 1, transB: 1 })),
  einsum('bsi,ij->bsj', [x, float(4, 3)], ['batch', 'sequence', 3]),
  einsum(' ...i , ij -> ...j', [float('batch', 4), float(4, 3)], ['batch', 3]),
  einsum('...ij,...jk->...ik', [float('batch', 1, 3, 4), float(1, 6, 4, 2)], ['batch', 6, 3, 2]),
  einsum('ji,jk', [float(3, 'batch'), float(3, 2)], ['batch', 2]),
  einsum('ii->i', [float(3, 3)], [3]),
  einsum('ij->', [float('batch', 3)], []),
]);

test.each([['ij,jk->ik', [[2, 3]]], ['ijk->i', [[2, 3]]]])('equation %s for inputs of %j is refused', (equation, dims) => {
  const graph = new GraphBuilder();
  const inputs = dims.map((size, index) => graph.input(`x${index}`, dataType.float32, size));
  expect(() => graph.op('Einsum', inputs, { equation })).toThrow(expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining(equation) as string }));
});
