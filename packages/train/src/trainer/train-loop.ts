import { setImmediate } from 'node:timers/promises';
import { AlignSquadError } from '@align-squad/core';
import type { Weights } from '../models/weights.js';
import type { ParameterValues } from '../optimizer/adamw.js';
import { readCheckpoint, writeCheckpoint, type LoopPosition } from './checkpoint.js';
import { createPace } from './pace.js';
import { cosineSchedule } from './schedule.js';
import type { TrainBatch } from './train-batch.js';
import type { TrainEvent } from './train-event.js';
import type { TrainingStep } from './training-step.js';

/** What held-out data says of weights. */
export interface Evaluation {
  /** Higher is better. */
  readonly score: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Options of `trainLoop`. */
export interface TrainLoopOptions<Shape> {
  readonly step: TrainingStep<Shape>;
  /** The step's weights: the best ones in the end, the last ones where nothing is evaluated. */
  readonly weights: Weights;
  /** The batches of an epoch, from 1; the same ones for the same epoch, whatever ran before. */
  readonly epochBatches: (epoch: number) => readonly TrainBatch<Shape>[] | Promise<readonly TrainBatch<Shape>[]>;
  readonly epochs: number;
  readonly schedule: { readonly peak: number; readonly warmupShare: number; readonly floor?: number | undefined };
  /** Batches of an update. @default 1 */
  readonly accumulation?: number | undefined;
  readonly evaluate?: ((weights: Weights) => Promise<Evaluation>) | undefined;
  /** @default at the end of each epoch */
  readonly evaluateEverySteps?: number | undefined;
  /** Looks without improvement until it stops. @default never */
  readonly patience?: number | undefined;
  readonly checkpoint?: { readonly path: string; readonly everySteps: number; readonly fingerprint: string } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of a clock. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Trains over epochs, from the checkpoint of an earlier run where there is one: the weights are the same to the bit as
 * without the interruption, on one thread. An abort writes a checkpoint first.
 * @throws AlignSquadError `training-failed` for a loss or gradient that is not finite, naming step and records, for a
 * checkpoint of another run, and when one can't be written; the signal's reason.
 */
export async function* trainLoop<Shape>(options: TrainLoopOptions<Shape>): AsyncGenerator<TrainEvent> {
  const run = await startRun(options);
  const { now = () => performance.now() } = options;
  const started = now();
  yield { type: 'train-start', steps: run.steps, parameters: options.step.parameters, ...(run.position.step === 0 ? {} : { resumedFromStep: run.position.step }) };
  try {
    const reason = yield* runEpochs(options, run);
    const { step, bestScore, bestStep } = run.position;
    yield { type: 'train-end', reason, step, bestScore, bestStep, seconds: (now() - started) / 1000 };
  } finally {
    if (run.best === undefined) options.step.save();
    else for (const [name, values] of run.best) options.weights.get(name)?.data.set(values);
  }
}

interface Run {
  readonly steps: number;
  position: LoopPosition;
  best: ParameterValues | undefined;
}

async function startRun<Shape>(options: TrainLoopOptions<Shape>): Promise<Run> {
  const { epochs, accumulation = 1, epochBatches, checkpoint, step } = options;
  const updatesOf = async (epoch: number): Promise<number> => Math.ceil((await epochBatches(epoch)).length / accumulation);
  // The first epoch may be a warm-up of its own; the others are alike.
  const first = await updatesOf(1);
  const steps = first + (epochs > 1 ? (epochs - 1) * (await updatesOf(2)) : 0);
  if (steps === 0) throw new AlignSquadError('There are no batches to train on.', { code: 'invalid-dataset' });
  const saved = checkpoint && (await readCheckpoint(checkpoint.path, checkpoint.fingerprint));
  if (saved === undefined) return { steps, best: undefined, position: { step: 0, epoch: 1, updates: 0, stale: 0 } };
  step.restore(saved.state);
  return { steps, best: saved.best, position: saved.position };
}

async function* runEpochs<Shape>(options: TrainLoopOptions<Shape>, run: Run): AsyncGenerator<TrainEvent, 'completed' | 'early-stopping'> {
  const { epochs, epochBatches, accumulation = 1, schedule, now = () => performance.now() } = options;
  const pace = createPace(now);
  for (let epoch = run.position.epoch; epoch <= epochs; epoch++) {
    const batches = await epochBatches(epoch);
    const updates = Math.ceil(batches.length / accumulation);
    for (let update = run.position.epoch === epoch ? run.position.updates : 0; update < updates; update++) {
      await pauseOrStop(options, run);
      const number = run.position.step + 1;
      const learningRate = cosineSchedule(number, { ...schedule, warmupSteps: Math.round(schedule.warmupShare * run.steps), totalSteps: run.steps });
      const group = batches.slice(update * accumulation, (update + 1) * accumulation);
      const result = await updateOnce(options.step, group, { learningRate, number });
      run.position = { ...run.position, step: number, epoch, updates: update + 1 };
      const speed = pace.step(group.reduce((sum, { tokens }) => sum + tokens, 0), Math.max(0, run.steps - number));
      yield { type: 'step-end', step: number, steps: run.steps, epoch, learningRate, ...result, ...speed };
      const isLook = options.evaluateEverySteps === undefined ? update === updates - 1 : number % options.evaluateEverySteps === 0 || (epoch === epochs && update === updates - 1);
      if (isLook) yield* evaluateOnce(options, run);
      if (options.patience !== undefined && run.position.stale >= options.patience) return 'early-stopping';
      if (options.checkpoint && number % options.checkpoint.everySteps === 0) yield* saveOnce(options, run);
    }
  }
  return 'completed';
}

/** Lets the thread's messages in, and stops where a signal says so, with a checkpoint. */
async function pauseOrStop<Shape>(options: TrainLoopOptions<Shape>, run: Run): Promise<void> {
  await setImmediate();
  if (options.signal?.aborted !== true) return;
  if (run.position.step > 0) for await (const _event of saveOnce(options, run)) continue;
  throw options.signal.reason;
}

async function updateOnce<Shape>(
  step: TrainingStep<Shape>,
  batches: readonly TrainBatch<Shape>[],
  { learningRate, number }: { readonly learningRate: number; readonly number: number },
): Promise<{ readonly loss: number; readonly gradientNorm: number }> {
  let total = 0;
  let weights = 0;
  try {
    for (const batch of batches) {
      const { weight = 1 } = batch;
      total += weight * (await step.accumulate(batch));
      weights += weight;
    }
    return { loss: total / weights, gradientNorm: step.update(learningRate) };
  } catch (error) {
    if (!AlignSquadError.isInstance(error) || error.code !== 'training-failed') throw error;
    const lines = batches.flatMap(({ records }) => records);
    const shown = `${lines.slice(0, 10).join(', ')}${lines.length > 10 ? ' and others' : ''}`;
    throw new AlignSquadError(`${error.message} It was step ${number}, with the records of line ${shown}.`, { code: 'training-failed', cause: error });
  }
}

async function* evaluateOnce<Shape>({ evaluate, step, weights }: TrainLoopOptions<Shape>, run: Run): AsyncGenerator<TrainEvent> {
  if (evaluate === undefined) return;
  step.save();
  const { score, metrics } = await evaluate(weights);
  const { step: number, bestScore, stale } = run.position;
  const isBest = bestScore === undefined || score > bestScore;
  if (isBest) run.best = new Map([...step.state.values].map(([name, values]) => [name, values.slice()]));
  run.position = { ...run.position, ...(isBest ? { bestScore: score, bestStep: number, stale: 0 } : { stale: stale + 1 }) };
  yield { type: 'evaluation-end', step: number, score, metrics, isBest };
}

async function* saveOnce<Shape>({ checkpoint, step }: TrainLoopOptions<Shape>, run: Run): AsyncGenerator<TrainEvent> {
  if (checkpoint === undefined) return;
  await writeCheckpoint(checkpoint.path, checkpoint.fingerprint, { position: run.position, state: step.state, best: run.best });
  yield { type: 'checkpoint-end', step: run.position.step };
}
