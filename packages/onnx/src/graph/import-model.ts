import { AlignSquadError } from '@align-squad/core';
import { bindInputs, trueInputs } from './bind-inputs.js';
import type { GraphBuilder } from './builder.js';
import { floatsOf, transposed } from './float-data.js';
import { foldModel } from './fold-model.js';
import { removeConstants, replaceConstants } from './graph-constants.js';
import { listWeights } from './list-weights.js';
import { dataType, type GraphProto, type ModelProto, type ValueProto } from './model.js';
import { requireOpset } from './normalize-node.js';
import { replayGraph } from './replay-graph.js';
import { requireFloatModel } from './require-float-model.js';
import { tiesAmong } from './tied-weights.js';
import { bytesOf } from './wire.js';

/** A weight of an imported model, in row-major order. */
export interface ImportedWeight {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A model whose weights can be trained. */
export interface ImportedModel {
  /** The float32 weights by name, without copies: a copied weight is computed from the one that it copies. */
  readonly weights: ReadonlyMap<string, ImportedWeight>;
  /** Inputs of the model, without its constants. */
  readonly inputs: readonly ValueProto[];
  readonly outputs: readonly ValueProto[];
  /**
   * Appends the model to `graph` at fixed shapes. `inputs` has a value of the graph for each input of the model; inputs that
   * are left out and start with `past_key_values` are empty, and `use_cache_branch` is false. `weight` returns the graph's
   * value of a weight, and is asked once for each that the model reads; of two models in one graph, the same answer to both
   * makes them share it. Returns the graph's values of the model's outputs by name.
   * @throws AlignSquadError `unsupported-operator`, naming operator, node and model, for an operator without rules;
   * `invalid-options` for an input that is missing, unknown, or of another type or rank; `model-invalid`.
   */
  append(
    graph: GraphBuilder,
    weight: (name: string, dims: readonly number[]) => string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>>;
  /**
   * The model with these values in the place of its own, in copies too; weights that are not given keep theirs, and those of
   * other models are left out. It shares the arrays that it is given: write it before they change.
   * @throws AlignSquadError `invalid-options` for a weight of another size.
   */
  export(weights: ReadonlyMap<string, { readonly data: Float32Array }>): ModelProto;
}

/**
 * Makes a float32 model of opset 13 or later trainable, whoever exported it. The values of the model are copied once, so that
 * it can be dropped.
 * @throws AlignSquadError `model-invalid` for a quantised or float16 model, or one of an older opset.
 */
export function importModel(model: ModelProto): ImportedModel {
  requireFloatModel(model);
  requireOpset(model);
  const listed = listWeights(model);
  const ties = tiesAmong(listed);
  const dims = new Map(listed.map(({ name, tensor }) => [name, tensor.dims]));
  const own = listed.filter(({ name }) => !ties.has(name));
  const weights = new Map(own.map(({ name, tensor }): [string, ImportedWeight] => [name, { dims: tensor.dims, data: Float32Array.from(floatsOf(tensor)) }]));
  const template: ModelProto = { ...model, graph: detach(model.graph, new Set(dims.keys())) };
  const skeleton = openWeights(template.graph, dims);
  const inputs = trueInputs(model.graph);
  const { outputs } = model.graph;

  return {
    weights,
    inputs,
    outputs,
    async append(graph, weight, given) {
      const { open, constants } = bindInputs(graph, inputs, given);
      const fixed: GraphProto = {
        ...skeleton,
        inputs: [...open, ...skeleton.inputs],
        initializers: [...skeleton.initializers, ...constants],
      };
      const { graph: folded } = await foldModel({ ...template, graph: fixed });
      const read = new Set([...folded.nodes.flatMap((node) => node.inputs), ...folded.outputs.map(({ name }) => name)]);
      const values = new Map(Object.entries(given));
      const valueOf = new Map<string, string>();
      const sourceValue = (name: string): string => {
        const value = valueOf.get(name) ?? weight(name, weights.get(name)?.dims ?? []);
        valueOf.set(name, value);
        return value;
      };
      for (const name of dims.keys()) {
        const tie = ties.get(name);
        if (!read.has(name)) continue;
        const value = sourceValue(tie?.source ?? name);
        values.set(name, tie?.transposed ? graph.transpose(value, [1, 0]) : value);
      }
      replayGraph(graph, folded, values);
      return Object.fromEntries(outputs.map(({ name }) => [name, values.get(name) ?? '']));
    },
    export(trained) {
      requireSizes(trained, weights);
      const graph = replaceConstants(template.graph, ({ name, tensor, kind }) => {
        if (kind === 'attribute' || !dims.has(name)) return tensor;
        const tie = ties.get(name);
        const source = tie?.source ?? name;
        const data = trained.get(source)?.data ?? weights.get(source)?.data ?? new Float32Array(0);
        const [rows = 0, columns = 0] = weights.get(source)?.dims ?? [];
        return { ...tensor, bytes: bytesOf(tie?.transposed ? transposed(data, rows, columns) : data) };
      });
      return { ...template, graph };
    },
  };
}

/** The graph without the memory of the file that it was read from: weights are empty, other constants are copied. */
function detach(graph: GraphProto, weights: ReadonlySet<string>): GraphProto {
  return replaceConstants(graph, ({ name, tensor, kind }) => {
    const isWeight = kind !== 'attribute' && weights.has(name);
    return { ...tensor, bytes: isWeight ? new Uint8Array(0) : Uint8Array.from(tensor.bytes ?? []) };
  });
}

/** The graph with its weights as its only inputs. */
function openWeights(graph: GraphProto, dims: ReadonlyMap<string, readonly number[]>): GraphProto {
  const inputs = [...dims].map(([name, sizes]): ValueProto => ({ name, type: dataType.float32, dims: sizes }));
  return { ...removeConstants(graph, new Set(dims.keys())), inputs };
}

function requireSizes(trained: ReadonlyMap<string, { readonly data: Float32Array }>, weights: ReadonlyMap<string, ImportedWeight>): void {
  for (const [name, { data }] of trained) {
    const weight = weights.get(name);
    if (!weight || weight.data.length === data.length) continue;
    throw new AlignSquadError(`Weight ${name} needs ${weight.data.length} values, got ${data.length}.`, { code: 'invalid-options' });
  }
}
