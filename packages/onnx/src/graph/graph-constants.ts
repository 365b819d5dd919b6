import type { Attribute, GraphProto, NodeProto, TensorProto } from './model.js';

/** A constant of a graph under the name by which nodes read it. */
export interface NamedConstant {
  readonly name: string;
  readonly tensor: TensorProto;
  /** What holds it: the list of initializers, a Constant node, or another attribute of a node. */
  readonly kind: 'initializer' | 'node' | 'attribute';
}

/** Returns another constant in the place of one, or the same. */
export type ReplaceConstant = (constant: NamedConstant) => TensorProto;

/** All constants of a graph, those of nested graphs too. */
export function listConstants(graph: GraphProto): NamedConstant[] {
  const found: NamedConstant[] = [];
  replaceConstants(graph, (constant) => {
    found.push(constant);
    return constant.tensor;
  });
  return found;
}

/** The graph with each constant replaced, those of nested graphs too; nodes and graphs without one stay the same objects. */
export function replaceConstants(graph: GraphProto, replace: ReplaceConstant): GraphProto {
  const initializers = mapChanged(graph.initializers, (tensor) => replace({ name: tensor.name, tensor, kind: 'initializer' }));
  const nodes = mapChanged(graph.nodes, (node) => replaceInNode(node, replace));
  return initializers === graph.initializers && nodes === graph.nodes ? graph : { ...graph, initializers, nodes };
}

/** The graph without its initializers and Constant nodes of these names, nested graphs too. */
export function removeConstants(graph: GraphProto, names: ReadonlySet<string>): GraphProto {
  const isRemoved = (node: NodeProto): boolean => node.operator === 'Constant' && node.domain === '' && names.has(node.outputs[0] ?? '');
  const nodes = graph.nodes.filter((node) => !isRemoved(node)).map((node): NodeProto => {
    const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => {
      return [name, attribute.kind === 'graph' ? { kind: 'graph', value: removeConstants(attribute.value, names) } : attribute];
    });
    return { ...node, attributes: Object.fromEntries(attributes) };
  });
  return { ...graph, nodes, initializers: graph.initializers.filter(({ name }) => !names.has(name)) };
}

function replaceInNode(node: NodeProto, replace: ReplaceConstant): NodeProto {
  const kind = node.operator === 'Constant' && node.domain === '' ? 'node' : 'attribute';
  const entries = Object.entries(node.attributes);
  const replaced = mapChanged(entries, (entry): [string, Attribute] => {
    const [name, attribute] = entry;
    const value = replaceInAttribute(attribute, (tensor) => replace({ name: node.outputs[0] ?? '', tensor, kind }), replace);
    return value === attribute ? entry : [name, value];
  });
  return replaced === entries ? node : { ...node, attributes: Object.fromEntries(replaced) };
}

function replaceInAttribute(attribute: Attribute, own: (tensor: TensorProto) => TensorProto, replace: ReplaceConstant): Attribute {
  if (attribute.kind === 'tensor') {
    const value = own(attribute.value);
    return value === attribute.value ? attribute : { kind: 'tensor', value };
  }
  if (attribute.kind !== 'graph') return attribute;
  const value = replaceConstants(attribute.value, replace);
  return value === attribute.value ? attribute : { kind: 'graph', value };
}

/** The same array when no item changed. */
function mapChanged<T>(items: readonly T[], map: (item: T) => T): readonly T[] {
  const mapped = items.map(map);
  return mapped.some((item, index) => item !== items[index]) ? mapped : items;
}
