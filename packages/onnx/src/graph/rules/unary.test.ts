import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../builder.js';
import { differentiate } from '../differentiate.js';
import { dataType } from '../model.js';
import { check, describeGradients, expectRefusal, positive } from './test-support.js';
import { unaryRules } from './unary.js';

describeGradients(unaryRules, [
  ...['Identity', 'Neg', 'Exp', 'Abs', 'Sin', 'Cos', 'Erf'].map((operator) => check(operator, [[3, 4]])),
  ...['Log', 'Sqrt', 'Reciprocal'].map((operator) => check(operator, [[3, 4]], positive)),
  check('Cast', [[4]], { build: (graph, x) => graph.cast(x, dataType.float32) }),
  check('Cast', [[4]], {
    form: 'to double precision and back',
    build: (graph, x) => graph.cast(graph.cast(graph.mul(x, x), dataType.float64), dataType.float32),
  }),
  check('CastLike', [[4]], { build: (graph, x) => graph.op('CastLike', [x, graph.float(1)]) }),
  check('Dropout', [[4]]),
  check('Dropout', [[4]], {
    form: 'that is told not to train',
    build: (graph, x) => graph.op('Dropout', [x, graph.float(0.5), graph.op('Equal', [graph.int(1), graph.int(0)])]),
  }),
]);

describe('what has no gradient', () => {
  test('Dropout that draws is refused', () => {
    expectRefusal('Dropout in its training form', (graph, x) => graph.op('Dropout', [x, graph.float(0.5), graph.op('Equal', [graph.int(1), graph.int(1)])]));
  });

  test('sums in double precision are refused', () => {
    expectRefusal('Mul in a float type other than float32', (graph, x) => {
      const wide = graph.cast(x, dataType.float64);
      return graph.cast(graph.mul(wide, wide), dataType.float32);
    });
  });

  test.each(['Sign', 'Round', 'Floor', 'Ceil'])('nothing flows through %s', (operator) => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, []);
    expect([...differentiate(graph, graph.add(x, graph.op(operator, [x])), ['x']).keys()]).toEqual(['x']);
    expect([...differentiate(graph, graph.op(operator, [x]), ['x']).keys()]).toEqual([]);
  });

  test('nothing flows through a cast to whole numbers', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', dataType.float32, []);
    expect(differentiate(graph, graph.cast(graph.cast(x, dataType.int64), dataType.float32), ['x']).size).toBe(0);
  });
});
