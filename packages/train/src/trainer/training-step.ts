import { AlignSquadError, type Random } from '@align-squad/core';
import { float32, type Tensor } from '@align-squad/onnx';
import { elementCount } from '@align-squad/onnx/graph';
import type { Weights } from '../models/weights.js';
import { createAdamW, type AdamW, type AdamWOptions, type OptimizedParameter } from '../optimizer/adamw.js';
import { openLosses, type BuildLoss } from './compiled-losses.js';
import { createGradientSum } from './gradient-sum.js';
import { copyState, writeState, type StepState } from './step-state.js';

/** Options of `createTrainingStep`. */
export interface TrainingStepOptions<Shape> {
  /** The model; changed by `save` alone. What the loss declares and it lacks is created in it. */
  readonly weights: Weights;
  readonly buildLoss: BuildLoss<Shape>;
  /** A shape to find the weights with before the first batch; its loss must reach all that are to be trained. */
  readonly firstShape: Shape;
  readonly random: Random;
  readonly adamw?: AdamWOptions | undefined;
  /** Decay of matrices; vectors have none. @default 0.01 */
  readonly weightDecay?: number | undefined;
  /** Factor on the learning rate by weight name. */
  readonly learningRateScale?: ((name: string) => number) | undefined;
  /** @default 1 */
  readonly threads?: number | undefined;
  /** Which weights are trained; the others are read from `weights` where they lie, and get no gradient. @default all */
  readonly trainable?: ((name: string) => boolean) | undefined;
  /** Graphs kept for the shapes used last, at least 1; another one is compiled anew. @default 16 */
  readonly maxCompiledShapes?: number | undefined;
}

/** One batch: its shape and its inputs. */
export interface Batch<Shape> {
  readonly shape: Shape;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** How much it counts beside the others of an accumulated update: its number of labels, for a loss that is their mean. @default 1 */
  readonly weight?: number | undefined;
}

/** Forward, backward and update, one call at a time; a graph is compiled once for each shape of batch. */
export interface TrainingStep<Shape> {
  /**
   * Trains on one batch and returns its loss before the update: `accumulate`, then `update`.
   * @throws AlignSquadError as both do.
   */
  run(batch: Batch<Shape>, learningRate: number): Promise<number>;
  /**
   * Adds the gradient of a batch to the next update and returns its loss.
   * @throws AlignSquadError `training-failed` for a loss that is not finite, `invalid-options` for a batch that lacks an
   * input; what was accumulated is lost.
   */
  accumulate(batch: Batch<Shape>): Promise<number>;
  /**
   * Updates the weights with the weighted mean of the gradients since the last update; returns its norm before clipping.
   * @throws AlignSquadError `training-failed`, with nothing moved, for a gradient that is not finite.
   */
  update(learningRate: number): number;
  /** Number of values that are trained. */
  readonly parameters: number;
  /** The state as it is now; views that the next update changes. */
  readonly state: StepState;
  /** A copy of the state. */
  snapshot(): StepState;
  /**
   * Goes back to a state and drops what was accumulated.
   * @throws AlignSquadError `training-failed` for a state of another model.
   */
  restore(state: StepState): void;
  /** Copies the values trained so far into the weights. */
  save(): void;
  dispose(): Promise<void>;
}

/** Compiles losses to ONNX graphs with their gradients and trains with AdamW. */
export async function createTrainingStep<Shape>(options: TrainingStepOptions<Shape>): Promise<TrainingStep<Shape>> {
  const { weights } = options;
  const losses = await openLosses(options);
  const optimizer = createAdamW(losses.parameters.map((name) => toParameter(name, options)), options.adamw);
  for (const [name, values] of optimizer.values) values.set(weights.get(name)?.data ?? []);
  const frozen = [...weights].filter(([name]) => !optimizer.values.has(name));
  const weightInputs = toTensors(new Map([...frozen.map(([name, { data }]) => [name, data] as const), ...optimizer.values]), weights);
  const sum = createGradientSum(optimizer.gradients, (values) => toTensors(values, weights));
  let updates = 0;
  const state = liveState(optimizer, () => updates);

  const accumulate = async ({ shape, inputs, weight = 1 }: Batch<Shape>): Promise<number> => {
    const { session, inputs: names, loss, gradients } = await losses.of(shape);
    const feeds = Object.fromEntries([...Object.entries(inputs), ...weightInputs].filter(([name]) => names.has(name)));
    return sum.add({ weight, reached: gradients }, async (outputs) => {
      const result = await session.run(feeds, { [loss]: null, ...outputs });
      const value = Number(result[loss]?.data[0]);
      if (Number.isFinite(value)) return value;
      throw new AlignSquadError(`The loss of step ${updates + 1} is not finite; lower the learning rate or look at its data.`, {
        code: 'training-failed',
      });
    });
  };
  const update = (learningRate: number): number => {
    const norm = optimizer.update(updates + 1, learningRate, sum.take());
    updates += 1;
    return norm;
  };

  return {
    parameters: [...optimizer.values.values()].reduce((count, { length }) => count + length, 0),
    state,
    accumulate,
    update,
    async run(batch, learningRate) {
      sum.clear();
      const loss = await accumulate(batch);
      update(learningRate);
      return loss;
    },
    snapshot: () => copyState(state),
    restore(from) {
      sum.clear();
      writeState(from, state);
      updates = from.updates;
    },
    save() {
      for (const [name, values] of optimizer.values) weights.get(name)?.data.set(values);
    },
    dispose: () => losses.dispose(),
  };
}

function toParameter<Shape>(name: string, options: TrainingStepOptions<Shape>): OptimizedParameter {
  const dims = options.weights.get(name)?.dims ?? [];
  return {
    name,
    size: elementCount(dims),
    weightDecay: dims.length > 1 ? (options.weightDecay ?? 0.01) : 0,
    learningRateScale: options.learningRateScale?.(name) ?? 1,
  };
}

function liveState({ values, firstMoments, secondMoments }: AdamW, updates: () => number): StepState {
  return {
    values,
    firstMoments,
    secondMoments,
    get updates() {
      return updates();
    },
  };
}

function toTensors(values: AdamW['values'], weights: Weights): Map<string, Tensor> {
  return new Map([...values].map(([name, data]) => [name, float32(data, weights.get(name)?.dims ?? [])]));
}
