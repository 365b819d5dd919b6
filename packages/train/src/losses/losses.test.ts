import { createSession, float32, int64, type Tensor } from '@align-squad/onnx';
import { dataType, differentiate, GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { describe, expect, test } from 'vitest';
import { binaryHeadsLoss } from './binary-heads-loss.js';
import { preferenceLoss, sequenceLogProbabilities } from './preference-loss.js';
import { causalLoss, sequenceToSequenceLoss, tokenTaggingLoss } from './sequence-losses.js';

type Build = (graph: GraphBuilder, logits: string) => string;

/** The value of a loss and its gradient by the logits, by the graph and by differences. */
async function evaluate(build: Build, dims: readonly number[], logits: readonly number[], inputs: Readonly<Record<string, Tensor>>) {
  const graph = new GraphBuilder();
  const loss = build(graph, graph.input('logits', dataType.float32, dims));
  const gradient = differentiate(graph, loss, ['logits']).get('logits') ?? '';
  await using session = await createSession(writeModel(graph.model([loss, gradient])));
  const run = async (values: readonly number[], output: string): Promise<number[]> => {
    const results = await session.run({ ...inputs, logits: float32(Float32Array.from(values), dims) }, [output]);
    return Array.from(results[output]?.data ?? [], Number);
  };
  const at = async (index: number, by: number): Promise<number> => (await run(logits.map((value, place) => (place === index ? value + by : value)), loss))[0] ?? Number.NaN;
  const step = 1 / 64;
  const numeric: number[] = [];
  for (const index of logits.keys()) numeric.push(((await at(index, step)) - (await at(index, -step))) / (2 * step));
  return { value: (await run(logits, loss))[0], analytic: await run(logits, gradient), numeric };
}

const near = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 3));
const some = (count: number): number[] => Array.from({ length: count }, (_, at) => Math.sin(3 * at + 1));
const floats = (values: readonly number[], dims: readonly number[]): Tensor => float32(Float32Array.from(values), dims);
const logSoftmax = (row: readonly number[], label: number): number => (row[label] ?? 0) - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));

describe.each([['causal', causalLoss], ['sequence to sequence', sequenceToSequenceLoss], ['tagging', tokenTaggingLoss]] as const)('the %s loss', (_name, loss) => {
  const logits = some(2 * 2 * 3);
  const labels = int64([1, -100, 2, 0], [2, 2]);

  test('is the mean cross-entropy of the labels that count', async () => {
    const { value, analytic, numeric } = await evaluate(loss, [2, 2, 3], logits, { labels });
    const expected = -(logSoftmax(logits.slice(0, 3), 1) + logSoftmax(logits.slice(6, 9), 2) + logSoftmax(logits.slice(9), 0)) / 3;
    expect(value).toBeCloseTo(expected, 5);
    expect(analytic).toEqual(near(numeric));
    expect(analytic.slice(3, 6)).toEqual([0, 0, 0].map((zero) => expect.closeTo(zero, 9) as number));
  });

  test('is 0 where no label counts', async () => {
    const { value, analytic } = await evaluate(loss, [1, 2, 3], some(6), { labels: int64([-100, -100], [1, 2]) });
    expect(value).toBeCloseTo(0, 9);
    expect(analytic.every((gradient) => Math.abs(gradient) === 0)).toBe(true);
  });
});

describe('the preference loss', () => {
  const logits = some(4 * 2 * 3);
  const labels = int64([1, 2, 0, -100, 1, 1, -100, 2], [4, 2]);
  const rows = [0, 1, 2, 3].map((row) =>
    [0, 1].reduce((sum, place) => {
      const label = Number(labels.data[2 * row + place]);
      return label < 0 ? sum : sum + logSoftmax(logits.slice((2 * row + place) * 3, (2 * row + place) * 3 + 3), label);
    }, 0));

  test('is that of Rafailov et al.', async () => {
    const reference = [-2, -1, -3, -0.5];
    const inputs = { labels, reference_log_probabilities: floats(reference, [4]) };
    const { value, analytic, numeric } = await evaluate((graph, name) => preferenceLoss(graph, name, { beta: 0.5 }), [4, 2, 3], logits, inputs);
    const gain = (row: number): number => (rows[row] ?? 0) - (reference[row] ?? 0);
    const pair = (row: number): number => Math.log1p(Math.exp(-0.5 * (gain(row) - gain(row + 1))));
    expect(value).toBeCloseTo((pair(0) + pair(2)) / 2, 5);
    expect(analytic).toEqual(near(numeric));
  });

  test('leaves pairs out that only fill the batch up', async () => {
    const inputs = { labels: int64([1, 2, 0, -100, -100, -100, -100, -100], [4, 2]), reference_log_probabilities: floats([-2, -1, 0, 0], [4]) };
    const { analytic } = await evaluate((graph, name) => preferenceLoss(graph, name, { beta: 0.5 }), [4, 2, 3], logits, inputs);
    expect(analytic.slice(12).every((gradient) => Math.abs(gradient) === 0)).toBe(true);
  });

  test('log-probabilities are summed over a row', async () => {
    const graph = new GraphBuilder();
    const total = sequenceLogProbabilities(graph, graph.input('logits', dataType.float32, [4, 2, 3]));
    await using session = await createSession(writeModel(graph.model([total])));
    const results = await session.run({ logits: floats(logits, [4, 2, 3]), labels });
    expect(Array.from(results[total]?.data ?? [], Number)).toEqual(near(rows));
  });
});

describe('the loss of binary heads', () => {
  const build: Build = (graph, logits) => binaryHeadsLoss(graph, { logits, dims: [4, 8], heads: 2, weights: { pair: 0.5, sentence: 0 } });
  const logits = some(8);

  test('leaves missing labels out and ranks pairs', async () => {
    const inputs = {
      labels: floats([1, 0, 0, 0, 0, 1, 0, 0], [4, 2]),
      label_weights: floats([1, 0, 1, 0, 0, 2, 0, 1], [4, 2]),
      pair_weights: floats([1, 0, 0, 1], [2, 2]),
    };
    const { value, analytic, numeric } = await evaluate(build, [4, 2], logits, inputs);
    const softplus = (x: number): number => Math.log1p(Math.exp(x));
    const [a = 0, , c = 0, , , f = 0, , h = 0] = logits;
    const labelled = (softplus(-a) + softplus(c) + 2 * softplus(-f) + softplus(h)) / 5;
    const ranked = (softplus(c - a) + softplus(h - f)) / 2;
    expect(value).toBeCloseTo(labelled + 0.5 * ranked, 5);
    expect(analytic).toEqual(near(numeric));
    expect(analytic[1]).toBeCloseTo(0, 9);
  });

  test('is 0 where nothing is labelled', async () => {
    const none = { labels: floats(some(8), [4, 2]), label_weights: floats(Array(8).fill(0), [4, 2]), pair_weights: floats([0, 0, 0, 0], [2, 2]) };
    expect((await evaluate(build, [4, 2], logits, none)).value).toBeCloseTo(0, 9);
  });
});
