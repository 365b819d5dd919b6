import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import { foldModel } from './fold-model.js';
import { dataType, elementCount, type Dimension, type ModelProto, type NodeProto, type TensorProto, type ValueProto } from './model.js';
import { requireOpset } from './normalize-node.js';
import { replayModel } from './replay-model.js';
import { selectOutputs } from './select-outputs.js';
import { findTiedWeights, floatsOf, transposeMatrix, type TiedWeight } from './tied-weights.js';
import { trainableWeights } from './trainable-weights.js';
import { bytesOf } from './wire.js';

/** A model that can be trained: its weights, and its graph around them. */
export interface ImportedModel {
  /** Float32 weights by name; a tied one is left out and reads its source. */
  readonly weights: ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;
  readonly inputs: readonly ValueProto[];
  readonly outputs: readonly ValueProto[];
  /**
   * Appends the model to a graph whose values have fixed shapes, and returns the graph's value of each output but the KV
   * cache. `weight` gives the graph's value of a weight, `inputs` that of each input of the model. A KV cache that is
   * not given is empty, and `use_cache_branch` false.
   * @throws AlignSquadError `invalid-options` for an input that is missing, `unsupported-operator` naming operator, node and graph.
   */
  append(
    graph: GraphBuilder,
    weight: (name: string, dims: readonly number[]) => string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>>;
  /** The model with these values in its constants, in tied ones too. */
  export(weights: ReadonlyMap<string, { readonly data: Float32Array }>): ModelProto;
}

// Float constants inside nodes from this size on are weights too.
const leastConstant = 64;

/** Makes a model trainable: its weights become inputs. Shapes are worked out for each shape of batch, by inference and not by running it. */
export function importModel(model: ModelProto): ImportedModel {
  requireOpset(model.opsets);
  const source = hoistConstants(model);
  const tied = findTiedWeights(source);
  const tensors = trainableWeights(source).filter(({ name }) => !tied.has(name));
  const weights = new Map(tensors.map((tensor) => [tensor.name, { dims: tensor.dims, data: floatsOf(tensor) }]));
  return {
    weights,
    inputs: source.graph.inputs.filter(({ name }) => !source.graph.initializers.some((tensor) => tensor.name === name)),
    outputs: source.graph.outputs,
    async append(graph, weight, inputs) {
      const isCache = ({ name }: ValueProto): boolean => name.startsWith('present');
      const part = selectOutputs(source, source.graph.outputs.filter((output) => !isCache(output)).map(({ name }) => name));
      const open = retie(part, tied);
      const needed = tensors.filter(({ name }) => open.graph.initializers.some((tensor) => tensor.name === name));
      const folded = await foldModel(fixInputs(open, needed, graph, inputs));
      const values = new Map(needed.map(({ name, dims }) => [name, weight(name, dims)]));
      const outputs = replayModel(graph, folded, new Map([...values, ...Object.entries(inputs)]));
      return Object.fromEntries(outputs);
    },
    export: (trained) => setWeights(source, trained, tied),
  };
}

/** Large float constants of `Constant` nodes become initializers of the same name. */
function hoistConstants(model: ModelProto): ModelProto {
  const hoisted: TensorProto[] = [];
  const nodes = model.graph.nodes.filter(({ operator, attributes, outputs }) => {
    const value = operator === 'Constant' ? attributes['value'] : undefined;
    if (value?.kind !== 'tensor' || value.value.type !== dataType.float32 || elementCount(value.value.dims) < leastConstant) return true;
    hoisted.push({ ...value.value, name: outputs[0] ?? '' });
    return false;
  });
  return { ...model, graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...hoisted] } };
}

/** Tied weights become nodes that read their source. */
function retie(model: ModelProto, tied: ReadonlyMap<string, TiedWeight>): ModelProto {
  const { graph } = model;
  const dropped = graph.initializers.filter(({ name }) => tied.has(name));
  const nodes = dropped.map(({ name }): NodeProto => {
    const { source = '', transposed = false } = tied.get(name) ?? {};
    const attributes = transposed ? { perm: { kind: 'ints', value: [1, 0] } as const } : {};
    return { operator: transposed ? 'Transpose' : 'Identity', domain: '', name: `tied_${name}`, inputs: [source], outputs: [name], attributes };
  });
  return { ...model, graph: { ...graph, nodes: [...nodes, ...graph.nodes], initializers: graph.initializers.filter(({ name }) => !tied.has(name)) } };
}

/** Weights as inputs, and all inputs of a fixed shape; an empty cache and the choice of a branch become constants. */
function fixInputs(model: ModelProto, weights: readonly TensorProto[], graph: GraphBuilder, given: Readonly<Record<string, string>>): ModelProto {
  const weightNames = new Set(weights.map(({ name }) => name));
  const constants: TensorProto[] = [];
  const batch = Object.values(given).map((name) => graph.info(name).dims[0])[0] ?? 1;
  const inputs = model.graph.inputs.flatMap((input): ValueProto[] => {
    if (model.graph.initializers.some(({ name }) => name === input.name)) return [];
    const value = given[input.name];
    if (value !== undefined) return [{ ...input, type: graph.info(value).type, dims: graph.shape(value) }];
    const constant = defaultInput(input, batch);
    if (constant === undefined) throw new AlignSquadError(`The model needs the input \`${input.name}\`.`, { code: 'invalid-options' });
    constants.push(constant);
    return [];
  });
  const asInputs = weights.map(({ name, dims }): ValueProto => ({ name, type: dataType.float32, dims }));
  return {
    ...model,
    graph: {
      ...model.graph,
      inputs: [...inputs, ...asInputs],
      initializers: [...model.graph.initializers.filter(({ name }) => !weightNames.has(name)), ...constants],
      outputs: model.graph.outputs.map(({ name, type }) => ({ name, type })),
    },
  };
}

function defaultInput({ name, dims = [], type }: ValueProto, batch: Dimension): TensorProto | undefined {
  if (name === 'use_cache_branch') return { name, dims: [1], type: dataType.bool, bytes: new Uint8Array(1) };
  if (!name.startsWith('past_key_values')) return undefined;
  const sizes = dims.map((size, axis) => (axis === 0 ? Number(batch) : typeof size === 'number' ? size : 0));
  return { name, dims: sizes, type, bytes: new Uint8Array(0) };
}

function setWeights(model: ModelProto, trained: Parameters<ImportedModel['export']>[0], tied: ReadonlyMap<string, TiedWeight>): ModelProto {
  const initializers = model.graph.initializers.map((tensor): TensorProto => {
    const tie = tied.get(tensor.name);
    const data = trained.get(tie?.source ?? tensor.name)?.data;
    if (data === undefined) return tensor;
    const [rows = 0, columns = 0] = tensor.dims;
    // A source of the transposed shape: [columns, rows].
    const values = tie?.transposed === true ? transposeMatrix(data, columns, rows) : data;
    return { ...tensor, bytes: Uint8Array.from(bytesOf(values)) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}
