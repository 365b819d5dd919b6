import { floatAttribute, intAttribute, intsAttribute } from './attributes.js';
import type { NodeProto, TensorProto } from './model.js';

/** A product of an activation with a weight [k, n], plus a bias where there is one. */
export interface Product {
  readonly activation: string;
  readonly weight: TensorProto;
  /** The weight is stored [n, k]. */
  readonly isTransposed: boolean;
  /** Empty where there is none. */
  readonly bias: string;
}

/** A node that swaps the two axes of a matrix; of other ranks it matches no weight. */
export function isPlainTranspose(node: NodeProto): boolean {
  return node.operator === 'Transpose' && (intsAttribute(node, 'perm') ?? [1, 0]).join() === '1,0';
}

/**
 * The product that a node computes, if it is one with a weight on its right side. `turned` gives the source of each value that
 * is a transposed one.
 */
export function productOf(
  node: NodeProto,
  weights: ReadonlyMap<string, TensorProto>,
  turned: ReadonlyMap<string, string>,
): Product | undefined {
  if (node.domain !== '' || (node.operator !== 'MatMul' && !isPlainGemm(node))) return undefined;
  const [activation = '', right = '', bias = ''] = node.inputs;
  const source = turned.get(right);
  const weight = weights.get(source ?? right);
  const isTurned = (source !== undefined) !== (intAttribute(node, 'transB', 0) === 1);
  return weight && { activation, weight, isTransposed: isTurned, bias };
}

function isPlainGemm(node: NodeProto): boolean {
  const isUnscaled = floatAttribute(node, 'alpha', 1) === 1 && floatAttribute(node, 'beta', 1) === 1;
  return node.operator === 'Gemm' && isUnscaled && intAttribute(node, 'transA', 0) === 0;
}
