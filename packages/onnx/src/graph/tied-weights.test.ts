import { describe, expect, test } from 'vitest';
import { createSession } from '../session/session.js';
import { float32, int64 } from '../session/tensor.js';
import { GraphBuilder } from './builder.js';
import { differentiate } from './differentiate.js';
import { floatsOf, transposed } from './float-data.js';
import { importModel } from './import-model.js';
import { dataType, type ModelProto } from './model.js';
import { numbersOf, spreadNumbers } from './test-support.js';
import { findTiedWeights } from './tied-weights.js';
import { writeModel } from './write-model.js';

const [rows, columns] = [12, 8] as const;
const table = spreadNumbers(rows * columns, -1, 1, 3);

/** Token ids to logits, with an output matrix that is a copy of the embedding: turned, or not where `isTurned` is false. */
function languageModel(output: Float32Array = transposed(table, rows, columns)): ModelProto {
  const graph = new GraphBuilder('language model');
  const ids = graph.input('input_ids', dataType.int64, ['batch', 'sequence']);
  const embedded = graph.op('Gather', [graph.initializer('embedding', [rows, columns], table), ids]);
  const logits = graph.op('MatMul', [embedded, graph.initializer('output', [columns, rows], output)]);
  return graph.model([logits], { [logits]: 'logits' });
}

describe('tied weights', () => {
  test('a transposed copy is found', () => {
    expect([...findTiedWeights(languageModel())]).toEqual([['output', { source: 'embedding', transposed: true }]]);
  });

  test('a matrix of other numbers is not tied', () => {
    expect(findTiedWeights(languageModel(spreadNumbers(rows * columns, -1, 1, 4))).size).toBe(0);
  });

  test('matrices of zeros are not tied', () => {
    const graph = new GraphBuilder();
    const zeros = (name: string): string => graph.initializer(name, [16, 16], new Float32Array(256));
    const y = graph.add(zeros('a'), zeros('b'));
    expect(findTiedWeights(graph.model([y])).size).toBe(0);
  });

  test('are one weight, whose gradient is that of both uses', async () => {
    const imported = importModel(languageModel());
    expect([...imported.weights.keys()]).toEqual(['embedding']);
    const graph = new GraphBuilder();
    const outputs = await imported.append(graph, (name, dims) => graph.input(name, dataType.float32, dims), {
      input_ids: graph.input('input_ids', dataType.int64, [1, 3]),
    });
    const loss = graph.sum(outputs['logits'] ?? '', [0, 1, 2], 0);
    const gradient = differentiate(graph, loss, ['embedding']).get('embedding') ?? '';
    await using session = await createSession(writeModel(graph.model([loss, gradient])));
    const run = async (values: Float32Array, output: string): Promise<number[]> => {
      const results = await session.run({ input_ids: int64([1, 5, 1], [1, 3]), embedding: float32(values, [rows, columns]) }, [output]);
      return numbersOf(results[output]);
    };
    const at = columns + 2;
    const moved = (by: number): Float32Array => table.map((value, place) => (place === at ? value + by : value));
    const [above = 0] = await run(moved(1 / 64), loss);
    const [below = 0] = await run(moved(-1 / 64), loss);
    expect((await run(table, gradient))[at]).toBeCloseTo((above - below) * 32, 2);
  });

  test('are written to both places', () => {
    const imported = importModel(languageModel());
    const trained = table.map((value) => value + 1);
    const [embedding, output] = imported.export(new Map([['embedding', { data: trained }]])).graph.initializers;
    expect(embedding && floatsOf(embedding)).toEqual(trained);
    expect(output && floatsOf(output)).toEqual(transposed(trained, rows, columns));
  });
});
