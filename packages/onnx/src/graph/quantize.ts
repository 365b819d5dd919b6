import { intAttribute } from './attributes.js';
import { dataType, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { isPlainTranspose, productOf, type Product } from './quantized-product.js';
import { lookUpRows, multiply } from './quantized-nodes.js';

/** Options of `quantizeModel`. */
export interface QuantizeOptions {
  /** Float tables and matrices with fewer values stay as they are. @default 1024 */
  readonly minValues?: number | undefined;
}

/**
 * Dynamic int8 quantisation: weights of MatMul and Gemm, read as they are or turned, become int8 with a scale a column,
 * activations uint8 with a scale a run; tables of Gather (axis 0) become int8 with a scale a row, or a column where they have
 * fewer than 16. A table that is also the turned matrix of a product, as a tied embedding is, is stored once. Everything else
 * stays float32.
 * Scores of a batch depend on its rows (one activation scale); run rows alone where that matters.
 */
export function quantizeModel(model: ModelProto, options: QuantizeOptions = {}): ModelProto {
  const minValues = options.minValues ?? 1024;
  const { graph } = model;
  const weights = new Map(
    graph.initializers
      .filter(({ type, dims, bytes }) => type === dataType.float32 && dims.length === 2 && (bytes?.length ?? 0) >= minValues * 4)
      .map((tensor) => [tensor.name, tensor]),
  );
  const turned = new Map(graph.nodes.filter(isPlainTranspose).map(({ inputs, outputs }) => [outputs[0] ?? '', inputs[0] ?? '']));
  const tableOf = (node: NodeProto): TensorProto | undefined =>
    node.operator === 'Gather' && intAttribute(node, 'axis', 0) === 0 ? weights.get(node.inputs[0] ?? '') : undefined;
  const tied = tiedTables(graph.nodes.map(tableOf), graph.nodes.map((node) => productOf(node, weights, turned)));
  const added = new Map<string, TensorProto>();
  const nodes = graph.nodes.flatMap((node): NodeProto[] => {
    const table = tableOf(node);
    if (table) return lookUpRows(node, table, { added, isTied: tied.has(table.name) });
    const product = productOf(node, weights, turned);
    return product ? multiply(node, product, { added, isTied: product.isTransposed && tied.has(product.weight.name) }) : [node];
  });
  return { ...model, graph: withoutUnused({ ...graph, nodes }, turned, added) };
}

/** Names of tables that are looked up and multiplied with, turned. */
function tiedTables(tables: readonly (TensorProto | undefined)[], products: readonly (Product | undefined)[]): Set<string> {
  const multiplied = new Set(products.flatMap((product) => (product?.isTransposed ? [product.weight.name] : [])));
  return new Set(tables.flatMap((table) => (table && multiplied.has(table.name) ? [table.name] : [])));
}

/** Leaves out floats that nothing reads any more, and nodes that turned them. */
function withoutUnused(graph: GraphProto, turned: ReadonlyMap<string, string>, added: ReadonlyMap<string, TensorProto>): GraphProto {
  const read = usedNames(graph);
  const nodes = graph.nodes.filter(({ outputs: [output = ''] }) => !turned.has(output) || read.has(output));
  const used = usedNames({ ...graph, nodes });
  const kept = graph.initializers.filter(({ name }) => used.has(name));
  // Old files list their weights among the inputs too.
  const dropped = new Set(graph.initializers.filter(({ name }) => !used.has(name)).map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !dropped.has(name));
  return { ...graph, nodes, inputs, initializers: [...kept, ...added.values()] };
}

/** Names that nodes read, those of nested graphs too, and names that the graph returns. */
function usedNames(graph: GraphProto): Set<string> {
  const nested = graph.nodes.flatMap(({ attributes }) => Object.values(attributes).flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : [])));
  return new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ name }) => name),
    ...nested.flatMap((inner) => [...usedNames(inner)]),
  ]);
}
