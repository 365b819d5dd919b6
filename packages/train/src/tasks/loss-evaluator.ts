import { createSession, float32, type OnnxSession, type Tensor } from '@align-squad/onnx';
import { GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import type { DeclareWeight, Weights } from '../models/weights.js';
import type { Batch } from '../trainer/training-step.js';

/** Computes losses of held-out batches, without gradients. */
export interface LossEvaluator<Shape> {
  /** The values of a batch by name, with the given weights; the loss is `loss`. */
  evaluate(batch: Batch<Shape>, weights: Weights): Promise<Readonly<Record<string, Float32Array>>>;
  dispose(): Promise<void>;
}

/** Builds the values to compute; names them in what it returns, scalar or not. */
export type BuildValues<Shape> = (graph: GraphBuilder, weight: DeclareWeight, shape: Shape) => Promise<Readonly<Record<string, string>>>;

interface Compiled {
  readonly session: OnnxSession;
  /** Output of the graph by the value's name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** Compiles the forward graph once for each shape of batch; weights are inputs, as in training. */
export function createLossEvaluator<Shape>(build: BuildValues<Shape>, options: { readonly threads: number }): LossEvaluator<Shape> {
  const compiled = new Map<string, Promise<Compiled>>();
  const compile = async (shape: Shape, weights: Weights): Promise<Compiled> => {
    const graph = new GraphBuilder();
    const declared = new Set<string>();
    const outputs = await build(graph, (name, dims) => {
      if (declared.has(name)) return name;
      declared.add(name);
      return graph.input(name, 1, weights.get(name)?.dims ?? dims);
    }, shape);
    const session = await createSession(writeModel(graph.model([...new Set(Object.values(outputs))])), { threads: options.threads });
    return { session, outputs };
  };
  return {
    async evaluate({ shape, inputs }, weights) {
      const key = JSON.stringify(shape);
      const pending = compiled.get(key) ?? compile(shape, weights);
      compiled.set(key, pending);
      const { session, outputs } = await pending;
      const weightTensors = [...weights].map(([name, { dims, data }]): [string, Tensor] => [name, float32(data, dims)]);
      const given = Object.entries({ ...inputs, ...Object.fromEntries(weightTensors) }).filter(([name]) => session.inputNames.includes(name));
      const results = await session.run(Object.fromEntries(given), Object.values(outputs));
      return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, Float32Array.from(results[output]?.data ?? [], Number)]));
    },
    async dispose() {
      for (const pending of compiled.values()) await (await pending).session.dispose();
      compiled.clear();
    },
  };
}
