import { float32, int64, type Tensor } from '@align-squad/onnx';
import { dataType } from '@align-squad/onnx/graph';
import { describe, expect, test } from 'vitest';
import { buildInspectorLoss } from '../models/inspector-loss.js';
import { buildMaskedLanguageModel } from '../models/masked-language-model.js';
import { buildContrastiveLoss } from '../models/text-embedder.js';
import type { Weights } from '../models/weights.js';
import { createRandom, type Random } from '@align-squad/core';
import { encoderInputs, faultBatch, layOut, tinyEncoder } from '../test-support.js';
import type { BuildLoss } from './compiled-losses.js';
import { createTrainingStep, type TrainingStep, type TrainingStepOptions } from './training-step.js';

type Shape = readonly [number, number];

const inspectorLoss: BuildLoss<Shape> = (graph, weight, shape) => buildInspectorLoss(graph, weight, tinyEncoder, shape, { pair: 0.5, sentence: 0.5 });
const inspectorShape: Shape = [16, 11];

interface Run<S> extends Partial<TrainingStepOptions<S>> {
  readonly buildLoss: BuildLoss<S>;
  readonly shape: S;
  readonly batch: (random: Random) => Record<string, Tensor>;
  readonly steps: number;
  readonly learningRate?: number;
}

/** Trains and returns the loss of each step. */
async function train<S>({ shape, batch, steps, learningRate = 0.01, ...options }: Run<S>): Promise<{ losses: number[]; weights: Weights }> {
  const weights: Weights = options.weights ?? new Map();
  const step = await createTrainingStep({ weights, random: createRandom(1), firstShape: shape, ...options });
  const random = createRandom(2);
  const losses: number[] = [];
  for (let count = 0; count < steps; count++) losses.push(await step.run({ shape, inputs: batch(random) }, learningRate));
  step.save();
  await step.dispose();
  return { losses, weights };
}

const inspectorRun = { buildLoss: inspectorLoss, shape: inspectorShape, batch: (random: Random) => faultBatch(random, 8) };

/** Mean of the last five. */
const ending = (losses: readonly number[]): number => losses.slice(-5).reduce((sum, loss) => sum + loss / 5, 0);

describe('what is learned', () => {
  test('the inspector tells faulty responses, pairs and sentences from sound ones', async () => {
    const { losses } = await train({ ...inspectorRun, steps: 100, learningRate: 0.05 });
    expect(losses[0]).toBeGreaterThan(1);
    expect(ending(losses)).toBeLessThan(0.2);
  });

  test('the language model learns which token follows from its neighbours', async () => {
    // Two tokens in turn, one of them masked.
    const batch = (random: Random): Record<string, Tensor> => {
      const rows = Array.from({ length: 8 }, () => {
        const token = 10 + 2 * random.integer(4);
        return layOut([token, token + 1, token, token + 1], [], [[token]]);
      });
      const masked = rows.map((row) => row.map((id, at) => (at === 3 ? tinyEncoder.specialIds.mask : id)));
      return {
        ...encoderInputs(masked, 9),
        masked_places: int64(rows.flatMap((_, row) => [row, 3]), [8, 2]),
        masked_ids: int64(rows.map((row) => row[3] ?? 0), [8, 1]),
      };
    };
    const buildLoss: BuildLoss<Shape> = (graph, weight, shape) => buildMaskedLanguageModel(graph, weight, tinyEncoder, shape, 8);
    const { losses } = await train({ buildLoss, shape: [8, 9] as const, batch, steps: 100, learningRate: 0.03 });
    expect(losses[0]).toBeCloseTo(Math.log(40), 0);
    expect(ending(losses)).toBeLessThan(1);
  });

  test('the embedder brings the two texts of a pair together', async () => {
    // Each query token has its own key token.
    const batch = (random: Random): Record<string, Tensor> => {
      const topics = random.shuffle(Array.from({ length: 12 }, (_, topic) => topic)).slice(0, 6);
      const ones = (length: number): Tensor => int64(Array<number>(6 * length).fill(1), [6, length]);
      return {
        query_ids: int64(topics.flatMap((topic) => [topic, 30 + random.integer(3)]), [6, 2]),
        query_mask: ones(2),
        key_ids: int64(topics.flatMap((topic) => [12 + topic, 33 + random.integer(3), 36]), [6, 3]),
        key_mask: ones(3),
      };
    };
    const buildLoss: BuildLoss<readonly [number, number, number]> = (graph, weight, shape) =>
      buildContrastiveLoss(graph, weight, { vocabularySize: 40, width: 8 }, shape);
    const { losses } = await train({ buildLoss, shape: [6, 2, 3] as const, batch, steps: 60, learningRate: 0.05 });
    expect(losses[0]).toBeGreaterThan(2);
    expect(ending(losses)).toBeLessThan(0.5);
  });
});

describe('repetition', () => {
  test('the same seed gives the same weights to the bit', async () => {
    const [a, b] = [await train({ ...inspectorRun, steps: 4 }), await train({ ...inspectorRun, steps: 4 })];
    expect(a.losses).toEqual(b.losses);
    expect(a.weights).toEqual(b.weights);
  });

  test('another seed gives other weights', async () => {
    const [a, b] = [await train({ ...inspectorRun, steps: 1 }), await train({ ...inspectorRun, steps: 1, random: createRandom(9) })];
    expect(a.weights).not.toEqual(b.weights);
  });
});

// loss = sum over x of (x w + b)^2, on any number of rows
const squares: BuildLoss<number> = (graph, weight, rows) => {
  const x = graph.input('x', dataType.float32, [rows, 2]);
  const y = graph.add(graph.op('MatMul', [x, weight('w', [2, 1], { constant: 1 })]), weight('b', [1], { constant: 1 }));
  weight('idle', [1], { constant: 3 });
  return graph.sum(graph.mul(y, y), [0, 1], 0);
};

const x = (...values: number[]): Record<string, Tensor> => ({ x: float32(Float32Array.from(values), [values.length / 2, 2]) });

async function createSquares(options: Partial<TrainingStepOptions<number>> = {}): Promise<TrainingStep<number> & { weights: Weights }> {
  const weights: Weights = new Map();
  return { weights, ...await createTrainingStep({ weights, buildLoss: squares, firstShape: 1, random: createRandom(1), ...options }) };
}

const valuesOf = (weights: Weights): number[] => ['w', 'b', 'idle'].flatMap((name) => [...(weights.get(name)?.data ?? [])]);

describe('a step', () => {
  test('returns the loss before its update', async () => {
    const step = await createSquares();
    expect(await step.run({ shape: 1, inputs: x(2, 3) }, 0.1)).toBeCloseTo(36, 4);
    expect(await step.run({ shape: 1, inputs: x(2, 3) }, 0.1)).toBeLessThan(36);
    await step.dispose();
  });

  test('trains on batches of different shapes', async () => {
    const step = await createSquares();
    expect(await step.run({ shape: 2, inputs: x(2, 3, 0, 0) }, 0)).toBeCloseTo(37, 4);
    expect(await step.run({ shape: 1, inputs: x(0, 0) }, 0)).toBeCloseTo(1, 4);
    await step.dispose();
  });

  test('moves each weight by about the learning rate at first', async () => {
    const step = await createSquares({ weightDecay: 0 });
    await step.run({ shape: 1, inputs: x(2, 3) }, 0.1);
    step.save();
    expect(valuesOf(step.weights)).toEqual([0.9, 0.9, 0.9, 3].map((value) => expect.closeTo(value, 4) as number));
    await step.dispose();
  });

  test('changes the weights only when they are saved', async () => {
    const step = await createSquares();
    await step.run({ shape: 1, inputs: x(2, 3) }, 0.1);
    expect(valuesOf(step.weights)).toEqual([1, 1, 1, 3]);
    await step.dispose();
  });

  test('decays matrices and not vectors', async () => {
    const zeroLoss: BuildLoss<number> = async (graph, weight, rows) => graph.mul(await squares(graph, weight, rows), graph.float(0));
    const step = await createSquares({ buildLoss: zeroLoss, weightDecay: 0.5 });
    await step.run({ shape: 1, inputs: x(2, 3) }, 0.1);
    step.save();
    expect(valuesOf(step.weights)).toEqual([0.95, 0.95, 1, 3].map((value) => expect.closeTo(value, 5) as number));
    await step.dispose();
  });

  test('scales the learning rate by the name of a weight', async () => {
    const step = await createSquares({ weightDecay: 0, learningRateScale: (name) => (name === 'w' ? 0 : 0.5) });
    await step.run({ shape: 1, inputs: x(2, 3) }, 0.1);
    step.save();
    expect(valuesOf(step.weights)).toEqual([1, 1, 0.95, 3].map((value) => expect.closeTo(value, 4) as number));
    await step.dispose();
  });

  test('goes on from weights that were trained before', async () => {
    const weights: Weights = new Map([['w', { dims: [2, 1], data: Float32Array.of(5, 0) }]]);
    const step = await createSquares({ weights });
    expect(await step.run({ shape: 1, inputs: x(1, 1) }, 0.1)).toBeCloseTo(36, 4);
    await step.dispose();
  });

  test('a loss that is not finite is refused', async () => {
    const step = await createSquares();
    await expect(step.run({ shape: 1, inputs: x(Number.NaN, 1) }, 0.1)).rejects.toMatchObject({ code: 'training-failed' });
    await step.dispose();
  });

  test('a gradient that is not finite is refused and moves nothing', async () => {
    // sqrt(0) has a finite value and no finite slope.
    const rootLoss: BuildLoss<number> = async (graph, weight, rows) => graph.op('Sqrt', [await squares(graph, weight, rows)]);
    const step = await createSquares({ buildLoss: rootLoss });
    await expect(step.run({ shape: 1, inputs: x(-1, 0) }, 0.1)).rejects.toMatchObject({ code: 'training-failed' });
    step.save();
    expect(valuesOf(step.weights)).toEqual([1, 1, 1, 3]);
    await step.dispose();
  });

  test('a batch that lacks an input is refused', async () => {
    const step = await createSquares();
    await expect(step.run({ shape: 1, inputs: {} }, 0.1)).rejects.toMatchObject({ code: 'invalid-options' });
    await step.dispose();
  });
});
