import { floatAttribute, intAttribute, intsAttribute } from './attributes.js';
import { dataType, type GraphProto, type NodeProto, type TensorProto } from './model.js';

/** A node that multiplies by a weight matrix. */
export interface WeightProduct {
  /** A float32 initializer of two dimensions. */
  readonly weight: TensorProto;
  /** The weight is [to, from], and not [from, to]. */
  readonly turned: boolean;
  readonly from: number;
  readonly to: number;
}

interface Source {
  readonly weight: TensorProto;
  readonly turned: boolean;
}

/**
 * The MatMul and Gemm nodes whose second input is a weight matrix or a Transpose of one. Left out are weights that anything
 * else reads, or that two nodes read in different directions: no one low-rank change fits all of their readers.
 */
export function findProducts(graph: GraphProto): ReadonlyMap<NodeProto, WeightProduct> {
  const sources = weightSources(graph);
  const products = new Map<NodeProto, WeightProduct>();
  for (const node of graph.nodes) {
    const source = sources.get(node.inputs[1] ?? '');
    const product = source && productOf(node, source);
    if (product) products.set(node, product);
  }
  const others = readElsewhere(graph, sources, products);
  const directions = new Map<string, Set<boolean>>();
  for (const { weight, turned } of products.values()) directions.set(weight.name, (directions.get(weight.name) ?? new Set()).add(turned));
  return new Map([...products].filter(([, { weight }]) => !others.has(weight.name) && directions.get(weight.name)?.size === 1));
}

/** The weight matrices, and the values that are a Transpose of one, by the name of the value. */
function weightSources({ initializers, nodes }: GraphProto): Map<string, Source> {
  const matrices = initializers.filter(({ type, dims }) => type === dataType.float32 && dims.length === 2);
  const sources = new Map(matrices.map((weight): [string, Source] => [weight.name, { weight, turned: false }]));
  for (const node of nodes) {
    const source = sources.get(node.inputs[0] ?? '');
    const [output = ''] = node.outputs;
    if (source && turns(node)) sources.set(output, { weight: source.weight, turned: !source.turned });
  }
  return sources;
}

function turns(node: NodeProto): boolean {
  return node.domain === '' && node.operator === 'Transpose' && String(intsAttribute(node, 'perm') ?? [1, 0]) === '1,0';
}

function productOf(node: NodeProto, { weight, turned }: Source): WeightProduct | undefined {
  const isGemm = node.operator === 'Gemm';
  if (node.domain !== '' || (!isGemm && node.operator !== 'MatMul')) return undefined;
  // A scaled product would scale what is merged, and not the adapter.
  if (isGemm && (intAttribute(node, 'transA', 0) !== 0 || floatAttribute(node, 'alpha', 1) !== 1)) return undefined;
  const isTurned = (isGemm && intAttribute(node, 'transB', 0) === 1) !== turned;
  const [rows = 0, columns = 0] = weight.dims;
  return { weight, turned: isTurned, from: isTurned ? columns : rows, to: isTurned ? rows : columns };
}

/** Names of the weights that are read by something else than the second input of these products. */
function readElsewhere(graph: GraphProto, sources: ReadonlyMap<string, Source>, products: ReadonlyMap<NodeProto, WeightProduct>): Set<string> {
  const found = new Set<string>();
  const add = (name: string): void => {
    const source = sources.get(name);
    if (source) found.add(source.weight.name);
  };
  const visit = ({ nodes, outputs }: GraphProto): void => {
    for (const { name } of outputs) add(name);
    for (const node of nodes) {
      const isTranspose = sources.has(node.outputs[0] ?? '');
      node.inputs.forEach((name, index) => {
        if (!isTranspose && !(index === 1 && products.has(node))) add(name);
      });
      for (const attribute of Object.values(node.attributes)) if (attribute.kind === 'graph') visit(attribute.value);
    }
  };
  visit(graph);
  return found;
}
