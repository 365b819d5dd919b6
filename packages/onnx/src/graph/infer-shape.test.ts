import { expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { shapedOperators } from './infer-shape.js';
import { dataType } from './model.js';
import { elementwiseShapes } from './shapes/elementwise-shapes.js';
import { indexShapes } from './shapes/index-shapes.js';
import { layoutShapes } from './shapes/layout-shapes.js';
import { matrixShapes } from './shapes/matrix-shapes.js';

const build = (make: (graph: GraphBuilder, free: string, shape: string) => unknown) => () => {
  const graph = new GraphBuilder();
  return make(graph, graph.input('x', dataType.float32, ['batch', 4]), graph.input('shape', dataType.int64, [2]));
};

test('every table of shape rules is used, and no operator stands in two', () => {
  const operators = [elementwiseShapes, matrixShapes, layoutShapes, indexShapes].flatMap((table) => Object.keys(table));
  expect([...shapedOperators].sort()).toEqual(operators.sort());
});

test.each(['Det', 'constructor'])('operator %s, which has no rule, is refused by name', (operator) => {
  const attempt = build((graph, free) => graph.op(operator, [free]));
  expect(attempt).toThrow(expect.objectContaining({ code: 'unsupported-operator', message: expect.stringContaining(operator) as string }));
});

test('a refusal names the node and the graph as they were called', () => {
  const graph = new GraphBuilder('the encoder');
  const free = graph.input('x', dataType.float32, ['batch', 4]);
  expect(() => graph.node('Det', [free], { name: '/layer.0/Det' })).toThrow('No shape rule for operator Det (node /layer.0/Det of the encoder).');
  const shape = graph.input('shape', dataType.int64, [2]);
  expect(() => graph.op('Reshape', [free, shape])).toThrow('The shape of Reshape (of the encoder) depends on input 1, which is not constant.');
});

test('a reshape to a computed shape is refused', () => {
  expect(build((graph, free, shape) => graph.op('Reshape', [free, shape]))).toThrow(expect.objectContaining({ code: 'unsupported-operator' }));
});

test('an operator that lacks an input is refused', () => {
  expect(build((graph, free) => graph.op('MatMul', [free]))).toThrow(expect.objectContaining({ code: 'model-invalid' }));
});
