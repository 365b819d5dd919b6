import { intAttribute } from '../graph/attributes.js';
import { findProducts, type WeightProduct } from '../graph/lora-products.js';
import { dataType, type GraphProto, type NodeProto } from '../graph/model.js';

/** A node that reads a matrix in a way to which a low-rank change can be added. */
export type MatrixReader = { readonly kind: 'product'; readonly product: WeightProduct } | { readonly kind: 'lookup'; readonly weight: string };

/**
 * The nodes that multiply with a float32 matrix or look its rows up, of matrices that nothing reads otherwise: those of
 * `findProducts`, and embeddings, tied ones among them.
 */
export function findReaders(graph: GraphProto): ReadonlyMap<NodeProto, MatrixReader> {
  const matrices = new Set(graph.initializers.filter(({ type, dims }) => type === dataType.float32 && dims.length === 2).map(({ name }) => name));
  const isLookup = ({ operator, domain, inputs, attributes }: NodeProto): boolean =>
    operator === 'Gather' && domain === '' && matrices.has(inputs[0] ?? '') && intAttribute({ attributes }, 'axis', 0) === 0;
  const lookups = new Set(graph.nodes.filter(isLookup));
  const others = { ...graph, nodes: graph.nodes.filter((node) => !lookups.has(node)) };
  const products = findProducts(others);
  const multiplied = new Set([...products.values()].map(({ weight }) => weight.name));
  const read = namesRead(others);
  const isFree = (name: string): boolean => multiplied.has(name) || !read.has(name);
  const found = new Map<NodeProto, MatrixReader>();
  for (const [node, product] of products) found.set(node, { kind: 'product', product });
  for (const node of lookups) {
    const [weight = ''] = node.inputs;
    if (isFree(weight)) found.set(node, { kind: 'lookup', weight });
  }
  return found;
}

/** Names of the matrices that have readers. */
export function lowRankNames(graph: GraphProto): ReadonlySet<string> {
  return new Set([...findReaders(graph).values()].map((reader) => (reader.kind === 'product' ? reader.product.weight.name : reader.weight)));
}

function namesRead({ nodes, outputs }: GraphProto): Set<string> {
  const nested = nodes.flatMap(({ attributes }) => Object.values(attributes).flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : [])));
  return new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name), ...nested.flatMap((inner) => [...namesRead(inner)])]);
}
