import type { Attribute, GraphProto, NodeProto } from '../graph/model.js';

/** Finds what gives a value of a graph, and what reads it. */
export interface GraphLookup {
  readonly producer: (name: string) => NodeProto | undefined;
  readonly readers: (name: string) => readonly NodeProto[];
  /** Whether a value is worked out of constants alone. */
  readonly isConstant: (name: string) => boolean;
}

/** The look-up of one graph as it is now. */
export function createGraphLookup(graph: GraphProto): GraphLookup {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name): [string, NodeProto] => [name, node])));
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const known = new Map<string, boolean>(graph.initializers.map(({ name }) => [name, true]));
  const isConstant = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, false);
    const node = producers.get(name);
    const result = node !== undefined && node.inputs.every((input) => input === '' || isConstant(input));
    known.set(name, result);
    return result;
  };
  return { producer: (name) => producers.get(name), readers: (name) => readers.get(name) ?? [], isConstant };
}

/** A node with one output, named after it. */
export function nodeOf(operator: string, inputs: readonly string[], output: string, attributes: Readonly<Record<string, number | readonly number[]>> = {}): NodeProto {
  const entries = Object.entries(attributes).map(([name, value]): [string, Attribute] => [name, typeof value === 'number' ? { kind: 'int', value } : { kind: 'ints', value }]);
  return { operator, domain: '', name: `${output}_node`, inputs, outputs: [output], attributes: Object.fromEntries(entries) };
}
