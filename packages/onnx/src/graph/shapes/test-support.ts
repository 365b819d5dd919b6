import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../session/tensor.js';
import { GraphBuilder } from '../builder.js';
import { dataType, type Dimension } from '../model.js';
import { runGraph } from '../test-support.js';
import type { ShapeRule } from './shape-rule.js';

const sizes: Readonly<Record<string, number>> = { batch: 2, sequence: 5 };

/** An input by type and shape; free dimensions are `batch` and `sequence`. */
export interface Input {
  readonly type: 'float32' | 'int64' | 'bool';
  readonly dims: readonly Dimension[];
}

/** An operator on inputs, and the shapes that its outputs must have. */
export interface ShapeCase {
  readonly operator: string;
  readonly inputs: readonly Input[];
  /** Appends the operator to the graph and returns its outputs. */
  readonly build: (graph: GraphBuilder, ...names: string[]) => string | readonly string[];
  readonly shapes: readonly (readonly Dimension[])[];
}

/** A float input. */
export const float = (...dims: Dimension[]): Input => ({ type: 'float32', dims });
/** An input of whole numbers. */
export const int = (...dims: Dimension[]): Input => ({ type: 'int64', dims });
/** An input of truth values. */
export const bool = (...dims: Dimension[]): Input => ({ type: 'bool', dims });

/** A case with one output. */
export function row(operator: string, inputs: readonly Input[], shape: readonly Dimension[], build?: ShapeCase['build']): ShapeCase {
  return { operator, inputs, build: build ?? ((graph, ...names) => graph.op(operator, names)), shapes: [shape] };
}

/** The same case for several operators, parted by blanks. */
export function each(
  operators: string,
  inputs: readonly Input[],
  shape: readonly Dimension[],
  build?: (graph: GraphBuilder, operator: string, names: string[]) => string,
): ShapeCase[] {
  return operators.split(' ').map((operator) => row(operator, inputs, shape, build && ((graph, ...names) => build(graph, operator, names))));
}

function bind(dims: readonly Dimension[]): number[] {
  return dims.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? Number.NaN)));
}

function zeros({ type, dims }: Input): Tensor {
  const bound = bind(dims);
  const count = bound.reduce((product, size) => product * size, 1);
  if (type === 'int64') return { type, data: new BigInt64Array(count), dims: bound };
  return type === 'bool' ? { type, data: new Uint8Array(count), dims: bound } : { type, data: new Float32Array(count), dims: bound };
}

function assemble({ inputs, build }: ShapeCase): { graph: GraphBuilder; outputs: readonly string[] } {
  const graph = new GraphBuilder();
  const names = inputs.map(({ type, dims }, index) => graph.input(`input${index}`, dataType[type], dims));
  const built = build(graph, ...names);
  return { graph, outputs: typeof built === 'string' ? [built] : built };
}

/** Declares the tests of a table of shape rules: the shapes are as given, and as the runtime's; so are the element types. */
export function describeShapes(rules: Readonly<Record<string, ShapeRule>>, cases: readonly ShapeCase[]): void {
  const named = cases.map((given): [string, ShapeCase] => [
    `${given.operator} of ${JSON.stringify(given.inputs.map(({ dims }) => dims))} gives ${JSON.stringify(given.shapes)}`,
    given,
  ]);
  describe('the shape of an operator', () => {
    test.each(named)('%s', (_, given) => {
      const { graph, outputs } = assemble(given);
      expect(outputs.map((name) => graph.info(name).dims)).toEqual(given.shapes);
    });

    test.each(named)('%s, and so does the runtime', async (_, given) => {
      const { graph, outputs } = assemble(given);
      const used = Object.fromEntries(given.inputs.map((input, index) => [`input${index}`, zeros(input)]));
      const results = await runGraph(graph, outputs, used);
      const known = given.shapes.map((dims) => dims.map((size) => (size === '' ? (expect.any(Number) as number) : bind([size])[0])));
      expect(outputs.map((name) => results[name]?.dims)).toEqual(known);
      expect(outputs.map((name) => dataType[results[name]?.type ?? 'string'])).toEqual(outputs.map((name) => graph.info(name).type));
    });

    test('every operator with a shape rule is in the table', () => {
      expect(Object.keys(rules).length).toBeGreaterThan(0);
      expect([...new Set(cases.map(({ operator }) => operator))].sort()).toEqual(Object.keys(rules).sort());
    });
  });
}
