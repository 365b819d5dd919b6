import { AlignSquadError, type Random } from '@align-squad/core';
import { createSession, type OnnxSession } from '@align-squad/onnx';
import { differentiate, GraphBuilder, writeModel } from '@align-squad/onnx/graph';
import { trainableWeights, type DeclareWeight, type Weights } from '../models/weights.js';

/** Builds a scalar loss for one shape of batch and returns its value name. */
export type BuildLoss<Shape> = (graph: GraphBuilder, weight: DeclareWeight, shape: Shape) => string | Promise<string>;

/** Options of `openLosses`. */
export interface LossOptions<Shape> {
  readonly weights: Weights;
  readonly buildLoss: BuildLoss<Shape>;
  readonly firstShape: Shape;
  readonly random: Random;
  readonly threads?: number | undefined;
  readonly trainable?: ((name: string) => boolean) | undefined;
  readonly maxCompiledShapes?: number | undefined;
}

/** A loss with its gradients for one shape of batch. */
export interface CompiledLoss {
  readonly session: OnnxSession;
  readonly inputs: ReadonlySet<string>;
  readonly loss: string;
  /** Output name of each parameter's gradient; a parameter that the loss does not reach has none. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Losses by shape of batch, compiled when they are first asked for. */
export interface CompiledLosses<Shape> {
  /** Names of the weights that the loss of the first shape reaches, in the order of the graph. */
  readonly parameters: readonly string[];
  of(shape: Shape): Promise<CompiledLoss>;
  dispose(): Promise<void>;
}

interface LossGraph {
  readonly graph: GraphBuilder;
  readonly loss: string;
  readonly gradients: ReadonlyMap<string, string>;
}

/**
 * Builds the loss of the first shape, which finds the parameters, and keeps the graphs of the shapes used last.
 * @throws AlignSquadError `invalid-options` when there is nothing to train; that of `buildLoss` and `differentiate`.
 */
export async function openLosses<Shape>(options: LossOptions<Shape>): Promise<CompiledLosses<Shape>> {
  const { firstShape, maxCompiledShapes = 16 } = options;
  const first = { key: JSON.stringify(firstShape), graph: await buildGraph(options, firstShape) };
  const parameters = [...first.graph.gradients.keys()];
  if (parameters.length === 0) throw new AlignSquadError('The loss reaches no weight that may be trained.', { code: 'invalid-options' });
  const compiled = new Map<string, Promise<CompiledLoss>>();

  const compile = async (key: string, shape: Shape): Promise<CompiledLoss> => {
    const built = key === first.key ? first.graph : await buildGraph(options, shape);
    requireKnown(built, parameters);
    return compileGraph(built, options.threads ?? 1);
  };

  return {
    parameters,
    async of(shape) {
      const key = JSON.stringify(shape);
      const pending = compiled.get(key) ?? compile(key, shape);
      compiled.delete(key);
      compiled.set(key, pending);
      // The first key is the one that was used longest ago.
      const [oldest] = compiled.keys();
      if (compiled.size > maxCompiledShapes && oldest !== undefined) await close(compiled, oldest);
      try {
        return await pending;
      } catch (error) {
        compiled.delete(key);
        throw error;
      }
    },
    async dispose() {
      for (const key of [...compiled.keys()]) await close(compiled, key);
    },
  };
}

async function buildGraph<Shape>(options: LossOptions<Shape>, shape: Shape): Promise<LossGraph> {
  const { weights, random, trainable = () => true } = options;
  const graph = new GraphBuilder();
  const declare = trainableWeights(graph, weights, random);
  const declared = new Map<string, string>();
  // A weight may be used in several places of a loss and is one input.
  const once: DeclareWeight = (name, dims, start) => {
    const value = declared.get(name) ?? declare(name, dims, start);
    declared.set(name, value);
    return value;
  };
  const loss = await options.buildLoss(graph, once, shape);
  return { graph, loss, gradients: differentiate(graph, loss, [...declared.keys()].filter(trainable)) };
}

async function compileGraph({ graph, loss, gradients }: LossGraph, threads: number): Promise<CompiledLoss> {
  const model = writeModel(graph.model([loss, ...gradients.values()]));
  // Kept, the working memory of every shape would add up.
  const session = await createSession(model, { threads, memoryArena: 'shrink' });
  return { session, inputs: new Set(session.inputNames), loss, gradients };
}

/** A weight that only a later shape reaches would stay untrained in silence. */
function requireKnown({ gradients }: LossGraph, parameters: readonly string[]): void {
  const missed = [...gradients.keys()].find((name) => !parameters.includes(name));
  if (missed === undefined) return;
  throw new AlignSquadError(`The loss of \`firstShape\` does not reach the weight ${missed}, but that of another batch does.`, {
    code: 'invalid-options',
  });
}

async function close(compiled: Map<string, Promise<CompiledLoss>>, key: string): Promise<void> {
  const pending = compiled.get(key);
  compiled.delete(key);
  // One that failed to compile has told so where it was asked for.
  const opened = await pending?.catch(() => undefined);
  await opened?.session.dispose();
}
