import { describe, expect, test } from 'vitest';
import { createSession } from '../../session/session.js';
import { float32, type Tensor } from '../../session/tensor.js';
import { GraphBuilder, type AttributeValue } from '../builder.js';
import { dataType, elementCount, type Attribute, type ModelProto, type NodeProto } from '../model.js';
import { expectGradients } from '../rules/test-support.js';
import { numbersOf, spreadNumbers } from '../test-support.js';
import { bytesOf } from '../wire.js';
import { writeModel } from '../write-model.js';
import { lowerings } from './lowerings.js';

/** The inputs of a node, made of its float inputs and constants. */
export type NodeInputs = (graph: GraphBuilder, ...floats: string[]) => readonly string[];

/** A node of an operator that is lowered, on float inputs. */
export interface LoweringCase {
  /** Key of the lowering. */
  readonly operator: string;
  readonly form: string;
  /** Shapes of the float inputs. */
  readonly floats: readonly (readonly number[])[];
  /** @default the float inputs */
  readonly inputs?: NodeInputs;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Which outputs the node has. @default only the first */
  readonly outputs?: readonly boolean[];
  /** What is compared, of the outputs. @default the first */
  readonly read?: (graph: GraphBuilder, ...outputs: string[]) => string;
}

/** A constant of whole numbers as int32. */
export function int32(graph: GraphBuilder, values: readonly number[], dims: readonly number[] = [values.length]): string {
  return graph.constant({ name: '', dims, type: dataType.int32, bytes: bytesOf(Int32Array.from(values)) });
}

/** A constant of truth values. */
export function bool(graph: GraphBuilder, values: readonly number[], dims: readonly number[] = [values.length]): string {
  return graph.constant({ name: '', dims, type: dataType.bool, bytes: Uint8Array.from(values) });
}

/** A constant of numbers between -1 and 1. */
export function floats(graph: GraphBuilder, name: string, dims: readonly number[]): string {
  return graph.initializer(name, dims, spreadNumbers(elementCount(dims), -1, 1, name.length));
}

/** All numbers of several values in one vector. */
export function together(graph: GraphBuilder, ...names: string[]): string {
  return graph.op('Concat', names.map((name) => graph.reshape(name, [-1])), { axis: 0 });
}

function attributesOf(given: LoweringCase): Record<string, Attribute> {
  const graph = new GraphBuilder();
  graph.node('Identity', [graph.float(0)], { attributes: given.attributes ?? {} });
  return { ...graph.nodes[0]?.attributes };
}

function nodeOf(given: LoweringCase, inputs: readonly string[]): NodeProto {
  const [domain = '', operator = ''] = given.operator.includes(':') ? given.operator.split(':') : ['', given.operator];
  const outputs = (given.outputs ?? [true]).map((isUsed, index) => (isUsed ? `output${index}` : ''));
  return { operator, domain, name: '/layer/node', inputs, outputs, attributes: attributesOf(given) };
}

/** Lowers the node; returns the names of its outputs. */
export function lower(graph: GraphBuilder, given: LoweringCase, names: readonly string[]): readonly string[] {
  const node = nodeOf(given, given.inputs?.(graph, ...names) ?? names);
  const outputs = lowerings[given.operator]?.(graph, node) ?? [];
  return node.outputs.map((name, index) => (name === '' ? '' : (outputs[index] ?? '')));
}

const readOf = (given: LoweringCase): NonNullable<LoweringCase['read']> => given.read ?? ((_graph, first = '') => first);
const declareFloats = (graph: GraphBuilder, given: LoweringCase): string[] =>
  given.floats.map((dims, index) => graph.input(`x${index}`, dataType.float32, dims));

/** The model with the node itself, its outputs of the shapes that the lowered ones have. */
function original(given: LoweringCase): ModelProto {
  const lowered = new GraphBuilder();
  const infos = lower(lowered, given, declareFloats(lowered, given)).map((name) => (name === '' ? undefined : lowered.info(name)));
  const graph = new GraphBuilder();
  const names = declareFloats(graph, given);
  const node = nodeOf(given, given.inputs?.(graph, ...names) ?? names);
  const declared = infos.map((info) => info ?? { dims: [], type: dataType.float32 });
  const outputs = graph.node(node.operator, node.inputs, { domain: node.domain, attributes: node.attributes, outputs: declared.length, declared });
  const result = readOf(given)(graph, ...outputs);
  // An output that the node leaves out has no name.
  const nodes = graph.nodes.map((made) => ({ ...made, outputs: made.outputs.map((name) => (infos[outputs.indexOf(name)] === undefined && outputs.includes(name) ? '' : name)) }));
  const model = graph.model([result]);
  return { ...model, irVersion: 10, opsets: { '': 24, 'com.microsoft': 1 }, graph: { ...model.graph, nodes } };
}

async function run(model: ModelProto, given: LoweringCase): Promise<number[]> {
  await using session = await createSession(writeModel(model));
  const inputs = Object.fromEntries(session.inputNames.map((name): [string, Tensor] => {
    const index = Number(name.slice(1));
    const dims = given.floats[index] ?? [];
    return [name, float32(spreadNumbers(elementCount(dims), -1, 1, index), dims)];
  }));
  return numbersOf((await session.run(inputs))[session.outputNames[0] ?? '']);
}

/** Declares the tests of lowerings: equal to the runtime's kernel, gradients equal to differences. */
export function describeLowerings(operators: readonly string[], cases: readonly LoweringCase[]): void {
  describe('a lowered operator equals the kernel', () => {
    test.each(cases)('$operator $form', async (given) => {
      const graph = new GraphBuilder();
      const result = readOf(given)(graph, ...lower(graph, given, declareFloats(graph, given)));
      const [exact, lowered] = [await run(original(given), given), await run(graph.model([result]), given)];
      expect(lowered.length).toBe(exact.length);
      const difference = Math.max(...exact.map((value, index) => Math.abs(value - (lowered[index] ?? Number.NaN)) / Math.max(1, Math.abs(value))));
      expect(difference).toBeLessThan(1e-5);
      expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.1);
    });
  });

  describe('the gradient of a lowered operator agrees with differences', () => {
    test.each(cases)('$operator $form', async (given) => {
      const build = (graph: GraphBuilder, ...names: string[]): string => readOf(given)(graph, ...lower(graph, given, names));
      await expectGradients({ dims: given.floats, range: [-1, 1], build });
    });
  });

  test('every lowering is checked in two forms', () => {
    expect(operators.length).toBeGreaterThan(0);
    for (const key of operators) {
      expect(lowerings[key]).toBeDefined();
      expect(cases.filter(({ operator }) => operator === key).length, key).toBeGreaterThanOrEqual(2);
    }
  });
}

/** Expects the form to be refused with a message that says so. */
export function expectUnsupported(given: LoweringCase): void {
  const graph = new GraphBuilder('the decoder');
  expect(() => lower(graph, given, declareFloats(graph, given))).toThrow(
    expect.objectContaining({ code: 'unsupported-operator', message: expect.stringMatching(new RegExp(`${given.form}.*/layer/node of the decoder`)) as string }),
  );
}
