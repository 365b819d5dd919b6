import { test } from 'vitest';
import { matrixRules } from './matrix.js';
import { check, describeGradients, expectRefusal, withAttributes, type GradientCheck } from './test-support.js';

const scaled = (values: Readonly<Record<string, number>>) => ({ ...values, alpha: { float: 0.7 }, beta: { float: -1.3 } });
const gemm = (transA: number, transB: number): GradientCheck['build'] => withAttributes('Gemm', scaled({ transA, transB }));
const fused = (transA: number, transB: number): GradientCheck['build'] => (graph, a = '', b = '') => graph.fusedMatMul(a, b, { transA, transB, alpha: 0.7 });
const einsum = (equation: string, ...dims: number[][]): GradientCheck =>
  check('Einsum', dims, { form: `${equation} of ${JSON.stringify(dims)}`, build: withAttributes('Einsum', { equation }) });

describeGradients(matrixRules, [
  check('MatMul', [[2, 3], [3, 4]]),
  check('MatMul', [[3], [3, 2]]),
  check('MatMul', [[2, 3, 2], [2, 4]]),
  check('MatMul', [[2, 2, 3], [2, 3, 2]]),
  check('MatMul', [[2, 1, 2, 3], [2, 3, 2]]),
  check('MatMul', [[2, 3], [2, 3, 2]]),
  check('FusedMatMul', [[2, 3], [3, 2]], { build: fused(0, 0) }),
  check('FusedMatMul', [[2, 3, 2], [2, 3, 4]], { form: 'with a turned left side', build: fused(1, 0) }),
  check('FusedMatMul', [[2, 2, 3], [4, 3]], { form: 'with a turned right side', build: fused(0, 1) }),
  check('FusedMatMul', [[1, 3, 2], [2, 4, 3]], { form: 'with both sides turned', build: fused(1, 1) }),
  check('Gemm', [[2, 3], [3, 2], [2]], { form: 'with a row to add', build: gemm(0, 0) }),
  check('Gemm', [[3, 2], [3, 2], [2, 1]], { form: 'with a turned left side', build: gemm(1, 0) }),
  check('Gemm', [[2, 3], [4, 3], []], { form: 'with a turned right side', build: gemm(0, 1) }),
  check('Gemm', [[3, 2], [4, 3]], { form: 'with both sides turned', build: gemm(1, 1) }),
  einsum('bhqd,bhkd->bhqk', [1, 2, 3, 2], [1, 2, 4, 2]),
  einsum('...ij,...jk->...ik', [2, 2, 3], [1, 3, 2]),
  einsum('ij,jk', [2, 3], [3, 2]),
  einsum('ij->ji', [2, 3]),
  einsum('ijk->j', [2, 3, 2]),
  einsum('i,j->ij', [2], [3]),
  einsum('ab,bc->c', [2, 3], [3, 2]),
  einsum('ij,jk,kl->il', [2, 2], [2, 3], [3, 2]),
]);

test.each<[string, Parameters<typeof expectRefusal>[1]]>([
  ['MatMul of vectors', (graph, x) => graph.op('MatMul', [x, graph.reshape(graph.slice(x, 0, 0, 1), [4])])],
  ['Einsum along a diagonal', (graph, x) => graph.op('Einsum', [x], { equation: 'ii->i' })],
])('%s is refused', expectRefusal);
