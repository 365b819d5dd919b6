import { AlignSquadError, type Random } from '@align-squad/core';
import { createSession, float32, type OnnxSession, type Tensor } from '@align-squad/onnx';
import { differentiate, GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { trainableWeights, type DeclareWeight, type Weights } from '../models/weights.js';
import { createAdamW, type AdamW, type AdamWOptions, type OptimizedParameter } from '../optimizer/adamw.js';

/** Builds a scalar loss for one shape of batch and returns its value name. */
export type BuildLoss<Shape> = (graph: GraphBuilder, weight: DeclareWeight, shape: Shape) => string;

/** Options of `createTrainingStep`. */
export interface TrainingStepOptions<Shape> {
  /** The model; trained in place when the step is disposed or `save` is called. */
  readonly weights: Weights;
  readonly buildLoss: BuildLoss<Shape>;
  /** A shape to find the model's weights with before the first batch. */
  readonly firstShape: Shape;
  readonly random: Random;
  readonly adamw?: AdamWOptions | undefined;
  /** Decay of matrices; vectors have none. @default 0.01 */
  readonly weightDecay?: number | undefined;
  /** Factor on the learning rate by weight name. */
  readonly learningRateScale?: ((name: string) => number) | undefined;
  /** @default 1 */
  readonly threads?: number | undefined;
}

/** One batch: its shape, its inputs, the learning rate. */
export interface Batch<Shape> {
  readonly shape: Shape;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** Forward, backward and update on one batch at a time; a graph is compiled once for each shape. */
export interface TrainingStep<Shape> {
  /** Trains on one batch and returns its loss before the update. */
  run(batch: Batch<Shape>, learningRate: number): Promise<number>;
  /** Copies the values trained so far into the weights. */
  save(): void;
  dispose(): Promise<void>;
}

interface CompiledLoss {
  readonly session: OnnxSession;
  readonly loss: string;
  /** Output name of each parameter's gradient. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Compiles losses to ONNX graphs with their gradients and trains with AdamW. */
export function createTrainingStep<Shape>(options: TrainingStepOptions<Shape>): TrainingStep<Shape> {
  const { weights, buildLoss, random, threads = 1 } = options;
  const compiled = new Map<string, Promise<CompiledLoss>>();
  const parameters = parametersOf(options);
  const optimizer = createAdamW(parameters, options.adamw);
  for (const { name } of parameters) optimizer.values.get(name)?.set(weights.get(name)?.data ?? []);
  // A weight that the loss does not depend on is an input of the graph all the same.
  const fixed = new Map([...weights].map(([name, { data }]) => [name, data]));
  const weightInputs = toTensors(new Map([...fixed, ...optimizer.values]), weights);
  const gradientOutputs = toTensors(optimizer.gradients, weights);
  let steps = 0;

  const compile = async (shape: Shape): Promise<CompiledLoss> => {
    const graph = new GraphBuilder();
    const loss = buildLoss(graph, trainableWeights(graph, weights, random), shape);
    const gradients = differentiate(graph, loss, parameters.map(({ name }) => name));
    const session = await createSession(writeModel(graph.model([loss, ...gradients.values()])), { threads });
    return { session, loss, gradients };
  };

  return {
    async run({ shape, inputs }, learningRate) {
      const key = JSON.stringify(shape);
      const pending = compiled.get(key) ?? compile(shape);
      compiled.set(key, pending);
      const { session, loss, gradients } = await pending;
      const outputs: Record<string, Tensor | null> = { [loss]: null };
      for (const [name, output] of gradients) outputs[output] = gradientOutputs.get(name) ?? null;
      const result = await session.run(pickInputs(session, { ...inputs, ...Object.fromEntries(weightInputs) }), outputs);
      const value = Number(result[loss]?.data[0]);
      if (!Number.isFinite(value)) {
        throw new AlignSquadError(`The loss of step ${steps + 1} is not finite; lower the learning rate.`, { code: 'training-failed' });
      }
      optimizer.update(++steps, learningRate);
      return value;
    },
    save() {
      for (const [name, values] of optimizer.values) weights.get(name)?.data.set(values);
    },
    async dispose() {
      for (const pending of compiled.values()) await (await pending).session.dispose();
      compiled.clear();
    },
  };
}

function parametersOf<Shape>(options: TrainingStepOptions<Shape>): OptimizedParameter[] {
  const graph = new GraphBuilder();
  const names: string[] = [];
  const declare = trainableWeights(graph, options.weights, options.random);
  const loss = options.buildLoss(graph, (name, dims, start) => {
    names.push(name);
    return declare(name, dims, start);
  }, options.firstShape);
  const reached = differentiate(graph, loss, names);
  return [...reached.keys()].map((name): OptimizedParameter => {
    const dims = options.weights.get(name)?.dims ?? [];
    return {
      name,
      size: dims.reduce((product, size) => product * size, 1),
      weightDecay: dims.length > 1 ? (options.weightDecay ?? 0.01) : 0,
      learningRateScale: options.learningRateScale?.(name) ?? 1,
    };
  });
}

function toTensors(values: AdamW['values'], weights: Weights): Map<string, Tensor> {
  return new Map([...values].map(([name, data]) => [name, float32(data, weights.get(name)?.dims ?? [])]));
}

function pickInputs(session: OnnxSession, inputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => session.inputNames.includes(name)));
}
