import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { numbersOf, runGraph } from '../test-support.js';

type Build = (graph: GraphBuilder) => string;

const seven = { kind: 'tensor', value: { name: '', dims: [1], type: dataType.int64, bytes: new Uint8Array(BigInt64Array.of(7n).buffer) } } as const;

const known: readonly [string, Build, number[]][] = [
  ['Shape', (graph) => graph.op('Shape', [graph.zeros([2, 3, 4])], { start: 1 }), [3, 4]],
  ['Size', (graph) => graph.op('Size', [graph.zeros([2, 3])]), [6]],
  ['Gather of Shape', (graph) => graph.op('Gather', [graph.op('Shape', [graph.zeros([2, 3])]), graph.int(-1)]), [3]],
  ['Concat', (graph) => graph.op('Concat', [graph.int([1]), graph.int([2, 3])], { axis: 0 }), [1, 2, 3]],
  ['Slice', (graph) => graph.slice(graph.int([1, 2, 3, 4]), 0, 1, -1), [2, 3]],
  ['Slice backwards', (graph) => graph.op('Slice', [graph.int([1, 2, 3]), graph.int([-1]), graph.int([-9]), graph.int([0]), graph.int([-1])]), [3, 2, 1]],
  ['Unsqueeze, Squeeze, Reshape, Flatten and Identity', (graph) => {
    const column = graph.reshape(graph.unsqueeze(graph.int(5), [0]), [1, 1]);
    return graph.op('Identity', [graph.op('Squeeze', [graph.op('Flatten', [column]), graph.int([1])])]);
  }, [5]],
  ['Range', (graph) => graph.op('Range', [graph.int(1), graph.int(6), graph.int(2)]), [1, 3, 5]],
  ['ConstantOfShape', (graph) => graph.op('ConstantOfShape', [graph.int([3])], { value: seven }), [7, 7, 7]],
  ['ConstantOfShape of zeros', (graph) => graph.op('ConstantOfShape', [graph.int([2])]), [0, 0]],
  ['Expand', (graph) => graph.op('Expand', [graph.int(4), graph.int([3])]), [4, 4, 4]],
  ['ReduceProd', (graph) => graph.op('ReduceProd', [graph.int([2, 3, 4])], { keepdims: 0 }), [24]],
  ['Cast of floats to whole numbers', (graph) => graph.cast(graph.float(-2.7), dataType.int64), [-2]],
  ['Cast of whole numbers to floats', (graph) => graph.cast(graph.int(3), dataType.float32), [3]],
  ['Cast to truth', (graph) => graph.cast(graph.int([0, -2]), dataType.bool), [0, 1]],
  ['Add and Sub with broadcasting', (graph) => graph.sub(graph.add(graph.int([1, 2]), graph.int(10)), graph.int([1, 1])), [10, 11]],
  ['Mul, Neg', (graph) => graph.neg(graph.mul(graph.int([1, 2]), graph.int(10))), [-10, -20]],
  ['Div of whole numbers', (graph) => graph.div(graph.int([7, -7]), graph.int(2)), [3, -3]],
  ['Div of floats', (graph) => graph.div(graph.float(7), graph.float(2)), [3.5]],
  ['Mod', (graph) => graph.op('Mod', [graph.int([7, -7]), graph.int(3)]), [1, 2]],
  ['Mod with the sign of the dividend', (graph) => graph.op('Mod', [graph.int([7, -7]), graph.int(3)], { fmod: 1 }), [1, -1]],
  ['Sqrt', (graph) => graph.op('Sqrt', [graph.cast(graph.int(64), dataType.float32)]), [8]],
  ['Min and Max', (graph) => graph.op('Max', [graph.op('Min', [graph.int([1, 5]), graph.int(3)]), graph.int(2)]), [2, 3]],
  ['Where and comparisons', (graph) => graph.op('Where', [graph.op('Not', [graph.op('Equal', [graph.int([-1, 4]), graph.int(-1)])]), graph.int([1, 2]), graph.int([8, 9])]), [8, 2]],
  ['Less, Greater and their kin', (graph) => {
    const tests = ['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((operator) => graph.op(operator, [graph.int([1, 2]), graph.int([2, 2])]));
    return graph.op('Concat', tests, { axis: 0 });
  }, [1, 0, 1, 1, 0, 0, 0, 1]],
];

describe('numbers that follow from constants and shapes', () => {
  test.each(known)('%s', (_, build, numbers) => {
    const graph = new GraphBuilder();
    expect(graph.info(build(graph)).constant?.map((value) => value + 0)).toEqual(numbers);
  });

  test.each(known)('%s, and the runtime agrees', async (_, build, numbers) => {
    const graph = new GraphBuilder();
    const name = build(graph);
    expect(numbersOf((await runGraph(graph, [name], {}))[name])).toEqual(numbers);
  });

  test.each<[string, Build]>([
    ['the shape of a value with a free dimension', (graph) => graph.op('Shape', [graph.input('x', dataType.float32, ['batch', 2])])],
    ['arithmetic with an input', (graph) => graph.add(graph.input('x', dataType.int64, []), graph.int(1))],
    ['a value with many numbers', (graph) => graph.op('Range', [graph.int(0), graph.int(65), graph.int(1)])],
    ['a row of a matrix', (graph) => graph.op('Gather', [graph.reshape(graph.int([1, 2]), [1, 2]), graph.int(0)])],
  ])('%s has none', (_, build) => {
    const graph = new GraphBuilder();
    expect(graph.info(build(graph)).constant).toBeUndefined();
  });

  test('a shape that is computed from a shape is known', () => {
    const graph = new GraphBuilder();
    const x = graph.zeros([2, 3, 4]);
    const batch = graph.op('Shape', [x], { end: 1 });
    expect(graph.shape(graph.op('Reshape', [x, graph.op('Concat', [batch, graph.int([-1])], { axis: 0 })]))).toEqual([2, 12]);
  });
});
