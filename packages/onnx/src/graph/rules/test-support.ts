import { describe, expect, test } from 'vitest';
import { createSession, type OnnxSession } from '../../session/session.js';
import { float32, type Tensor } from '../../session/tensor.js';
import { GraphBuilder, type AttributeValue } from '../builder.js';
import { differentiate } from '../differentiate.js';
import { dataType, elementCount } from '../model.js';
import { numbersOf, spreadNumbers } from '../test-support.js';
import { writeModel } from '../write-model.js';
import type { GradientRule } from './rule.js';

/** A small graph around one operator whose gradient is compared with differences. */
export interface GradientCheck {
  readonly operator: string;
  readonly form: string;
  readonly dims: readonly (readonly number[])[];
  readonly build: (graph: GraphBuilder, ...inputs: string[]) => string;
  readonly range: readonly [number, number];
}

/** Options of `check`. */
export interface CheckOptions {
  readonly form?: string;
  readonly build?: GradientCheck['build'];
  /** Range of the inputs. */
  readonly range?: readonly [number, number];
}

/** A check of an operator on float inputs of the given shapes. */
export function check(operator: string, dims: GradientCheck['dims'], options: CheckOptions = {}): GradientCheck {
  return {
    operator,
    form: options.form ?? `of ${dims.map((size) => JSON.stringify(size)).join(' and ')}`,
    dims,
    build: options.build ?? ((graph, ...inputs) => graph.op(operator, inputs)),
    range: options.range ?? [-1, 1],
  };
}

/** Builds the operator with attributes. */
export function withAttributes(operator: string, attributes: Readonly<Record<string, AttributeValue>>): GradientCheck['build'] {
  return (graph, ...inputs) => graph.op(operator, inputs, attributes);
}

/** A constant of whole numbers in a shape. */
export function indices(graph: GraphBuilder, values: readonly number[], dims: readonly number[]): string {
  return graph.reshape(graph.int(values), dims);
}

/** Inputs away from zero. */
export const positive = { range: [1, 2] } as const;

// A step that halves exactly; the error of a central difference is of the order of its square.
const step = 1 / 64;
const tolerance = 3e-3;

/** Gradients by the graph, and by differences of sum(cotangent * y), summed in double precision. */
export async function compareGradients(given: Omit<GradientCheck, 'operator' | 'form'>): Promise<{ analytic: number[]; numeric: number[] }> {
  const graph = new GraphBuilder();
  const names = given.dims.map((size, index) => graph.input(`x${index}`, dataType.float32, size));
  const y = given.build(graph, ...names);
  const cotangent = spreadNumbers(elementCount(graph.shape(y)), -1, 1, 7);
  const weighted = graph.mul(y, graph.initializer('cotangent', graph.shape(y), cotangent));
  const gradients = differentiate(graph, graph.sum(weighted, graph.shape(y).map((_, axis) => axis), 0), names);
  for (const [name, gradient] of gradients) expect(graph.shape(gradient)).toEqual(graph.shape(name));
  const inputs = Object.fromEntries(names.map((name, index): [string, Tensor] => {
    const size = given.dims[index] ?? [];
    return [name, float32(spreadNumbers(elementCount(size), ...given.range, index), size)];
  }));
  await using session = await createSession(writeModel(graph.model([y, ...gradients.values()])));
  const results = await session.run(inputs, [...gradients.values()]);
  const analytic = names.flatMap((name) => numbersOf(results[gradients.get(name) ?? '']));
  return { analytic, numeric: await differences(session, inputs, y, cotangent) };
}

async function differences(session: OnnxSession, inputs: Readonly<Record<string, Tensor>>, y: string, cotangent: Float32Array): Promise<number[]> {
  const lossOf = async (): Promise<number> => {
    const values = numbersOf((await session.run(inputs, [y]))[y]);
    return values.reduce((sum, value, index) => sum + value * (cotangent[index] ?? Number.NaN), 0);
  };
  const numeric: number[] = [];
  for (const { data } of Object.values(inputs)) {
    for (let index = 0; index < data.length; index++) {
      const middle = Number(data[index]);
      data[index] = middle + step;
      const above = await lossOf();
      data[index] = middle - step;
      numeric.push((above - (await lossOf())) / (2 * step));
      data[index] = middle;
    }
  }
  return numeric;
}

/** Expects gradients by the graph and by differences to agree. */
export async function expectGradients(given: Omit<GradientCheck, 'operator' | 'form'>): Promise<void> {
  const { analytic, numeric } = await compareGradients(given);
  expect(analytic).toEqual(numeric.map((value) => expect.closeTo(value, -Math.log10(2 * tolerance)) as number));
  // Differences of a flat function would agree with any broken rule that gives zeros.
  expect(Math.max(...numeric.map(Math.abs))).toBeGreaterThan(0.05);
}

/** Declares the tests of a table of rules. */
export function describeGradients(rules: Readonly<Record<string, GradientRule>>, checks: readonly GradientCheck[]): void {
  describe('gradients agree with differences', () => {
    test.each(checks)('$operator $form', expectGradients);

    test('every operator with a rule is checked', () => {
      const operators = Object.keys(rules);
      expect(operators.length).toBeGreaterThan(0);
      expect([...new Set(checks.map(({ operator }) => operator))].sort()).toEqual(operators.sort());
    });

    test.each(checks)('the check of $operator $form runs the operator', ({ operator, dims, build }) => {
      const graph = new GraphBuilder();
      build(graph, ...dims.map((size, index) => graph.input(`x${index}`, dataType.float32, size)));
      expect(graph.nodes.map((node) => node.operator)).toContain(operator);
    });
  });
}

/** Expects the gradient by `x` [4, 4] to be refused with a message that holds `form`. */
export function expectRefusal(form: string, build: (graph: GraphBuilder, x: string) => string): void {
  const graph = new GraphBuilder();
  const y = build(graph, graph.input('x', dataType.float32, [4, 4]));
  const loss = graph.sum(y, graph.shape(y).map((_, axis) => axis), 0);
  expect(() => differentiate(graph, loss, ['x'])).toThrow(
    expect.objectContaining({ code: 'unsupported-operator', message: expect.stringContaining(form) as string }),
  );
}
