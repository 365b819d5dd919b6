import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { differentiate } from './differentiate.js';
import { importModel } from './import-model.js';
import { addLora } from './lora.js';
import { dataType } from './model.js';
import { spreadNumbers } from './test-support.js';

test('each adapter of an imported model is a weight of its own, with a gradient', async () => {
  const source = new GraphBuilder();
  const x = source.input('x', dataType.float32, ['batch', 6]);
  const hidden = source.op('MatMul', [x, source.initializer('first', [6, 30], spreadNumbers(180))]);
  const y = source.op('MatMul', [hidden, source.initializer('second', [30, 6], spreadNumbers(180, -1, 1, 2))]);
  // Fresh B factors are all zero, and as large as ties: they must stay apart.
  const { model, names } = addLora(source.model([y], { [y]: 'y' }), { rank: 30, random: createRandom(1) });
  const imported = importModel(model);
  expect([...imported.weights.keys()]).toEqual(expect.arrayContaining([...names]));

  const graph = new GraphBuilder();
  const outputs = await imported.append(graph, (name, dims) => graph.input(name, dataType.float32, dims), { x: graph.input('x', dataType.float32, [2, 6]) });
  const gradients = differentiate(graph, graph.sum(outputs['y'] ?? '', [0, 1], 0), [...names]);
  expect([...gradients.keys()].sort()).toEqual([...names].sort());
});
