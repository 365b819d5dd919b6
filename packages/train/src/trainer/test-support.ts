import { createRandom } from '@align-squad/core';
import { float32 } from '@align-squad/onnx';
import { dataType } from '@align-squad/onnx/graph';
import type { Weights } from '../models/weights.js';
import type { TrainBatch } from './train-batch.js';
import type { TrainEvent } from './train-event.js';
import { trainLoop, type TrainLoopOptions } from './train-loop.js';
import { createTrainingStep } from './training-step.js';

/** Batches of y = 3 x for a line to be fitted; the same for the same epoch. */
export function lineBatches(epoch: number, count = 5): TrainBatch<number>[] {
  const random = createRandom(epoch);
  return Array.from({ length: count }, (_, index) => {
    const x = Float32Array.from({ length: 4 }, () => random.normal());
    return {
      shape: 4,
      inputs: { x: float32(x, [4, 1]), y: float32(x.map((value) => 3 * value), [4, 1]) },
      tokens: 4,
      records: [index + 1],
    };
  });
}

/** Options of a run that fits a line; `changes` win. */
export async function lineRun(changes: Partial<TrainLoopOptions<number>> = {}): Promise<TrainLoopOptions<number>> {
  const weights: Weights = new Map();
  const step = await createTrainingStep<number>({
    weights,
    random: createRandom(1),
    firstShape: 4,
    buildLoss(graph, weight, rows) {
      const x = graph.input('x', dataType.float32, [rows, 1]);
      const y = graph.input('y', dataType.float32, [rows, 1]);
      const error = graph.sub(graph.op('MatMul', [x, weight('slope', [1, 1], { deviation: 0.5 })]), y);
      return graph.mean(graph.mul(error, error), [0, 1], 0);
    },
  });
  return { step, weights, epochBatches: (epoch) => lineBatches(epoch), epochs: 4, schedule: { peak: 0.1, warmupShare: 0.1 }, ...changes };
}

/** Runs to the end and returns what was said. */
export async function eventsOf(options: TrainLoopOptions<number>): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  try {
    for await (const event of trainLoop(options)) events.push(event);
  } finally {
    await options.step.dispose();
  }
  return events;
}
