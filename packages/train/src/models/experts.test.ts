import { createSession, float32 } from '@align-squad/onnx';
import { dataType, GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { expect, test } from 'vitest';
import { tinyEncoder } from '../test-support.js';
import { expertVerdicts, ngramHeadCount } from './experts.js';

const config = { ...tinyEncoder, criteria: ['ethical', 'factual'], experts: ['factual'] };

/** Logits of one text whose columns are those of the criteria, then opinion and gate. */
async function verdicts(columns: readonly number[], logits: readonly number[], shape: typeof config = config): Promise<number[]> {
  const graph = new GraphBuilder();
  const given = graph.input('columns', dataType.float32, [1, columns.length]);
  const mixed = graph.input('logits', dataType.float32, [1, logits.length]);
  // a node of its own, so that the result is no input where there is no expert
  const result = graph.add(expertVerdicts(graph, shape, given, mixed), graph.float(0));
  await using session = await createSession(writeModel(graph.model([result], { [result]: 'result' })));
  const outputs = await session.run({ columns: float32(Float32Array.from(columns), [1, columns.length]), logits: float32(Float32Array.from(logits), [1, logits.length]) });
  return Array.from(outputs['result']?.data ?? [], Number);
}

test('an expert has two columns behind those of the criteria', () => {
  expect(ngramHeadCount(config)).toBe(4);
  expect(ngramHeadCount(tinyEncoder)).toBe(tinyEncoder.criteria.length);
});

test('an open gate gives the opinion for the criterion of the expert alone', async () => {
  expect(await verdicts([0, 0, 7, 40], [1, 2])).toEqual([1, expect.closeTo(7, 5)]);
});

test('a closed gate leaves all logits, and half an open one gives half of each', async () => {
  expect(await verdicts([0, 0, 7, -40], [1, 2])).toEqual([1, expect.closeTo(2, 5)]);
  expect(await verdicts([0, 0, 7, 0], [1, 2])).toEqual([1, expect.closeTo(4.5, 5)]);
});

test('without experts the logits stay', async () => {
  expect(await verdicts([0, 0], [1, 2], { ...config, experts: [] })).toEqual([1, 2]);
});
