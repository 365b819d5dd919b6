import type { Random } from '@align-squad/core';
import { intAttribute } from './attributes.js';
import { dataType, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { floatsOf } from './tied-weights.js';
import { bytesOf } from './wire.js';

/** Options of `addLora`. */
export interface LoraOptions {
  readonly rank: number;
  /** Weight of the adapters is alpha / rank. @default twice the rank */
  readonly alpha?: number | undefined;
  readonly random: Random;
  /** Matrices to leave alone. @default those with more than 20,000 rows or columns, which are vocabularies */
  readonly skip?: ((name: string) => boolean) | undefined;
}

/** A model with adapters. */
export interface LoraModel {
  readonly model: ModelProto;
  /** Names of the adapters' weights, the only ones to train. */
  readonly names: readonly string[];
  /** The model without adapters, W + alpha / rank * A B in their place. */
  merge(weights: ReadonlyMap<string, Float32Array>): ModelProto;
}

interface Adapter {
  readonly weight: TensorProto;
  /** The node multiplies by the transposed weight. */
  readonly transposed: boolean;
  readonly from: number;
  readonly to: number;
}

const vocabularySize = 20_000;

/**
 * Adds low-rank adapters to the products of a float32 model with its weight matrices (LoRA, Hu et al. 2021):
 * y = x W + alpha / rank * (x A) B, with `<weight>.lora_A` [from, rank] random and `<weight>.lora_B` [rank, to] zero.
 */
export function addLora(model: ModelProto, options: LoraOptions): LoraModel {
  const { rank, alpha = 2 * rank, random, skip = () => false } = options;
  const matrices = new Map(model.graph.initializers.filter(({ type, dims }) => type === dataType.float32 && dims.length === 2).map((tensor) => [tensor.name, tensor]));
  const adapters = new Map<string, Adapter>();
  const scale = 'lora_scale';
  const nodes = model.graph.nodes.flatMap((node): NodeProto[] => {
    const adapter = adapterOf(node, matrices);
    if (adapter === undefined || skip(adapter.weight.name) || Math.max(adapter.from, adapter.to) > vocabularySize) return [node];
    adapters.set(adapter.weight.name, adapter);
    return withAdapter(node, adapter.weight.name, scale);
  });
  const factors = [...adapters.values()].flatMap(({ weight, from, to }) => [
    tensor(`${weight.name}.lora_A`, [from, rank], Float32Array.from({ length: from * rank }, () => random.normal() / Math.sqrt(from))),
    tensor(`${weight.name}.lora_B`, [rank, to], new Float32Array(rank * to)),
  ]);
  const constants = [...factors, tensor(scale, [], Float32Array.of(alpha / rank))];
  return {
    model: { ...model, graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...constants] } },
    names: factors.map(({ name }) => name),
    merge(weights) {
      const initializers = model.graph.initializers.map((weight): TensorProto => {
        const adapter = adapters.get(weight.name);
        const [a, b] = [weights.get(`${weight.name}.lora_A`), weights.get(`${weight.name}.lora_B`)];
        return adapter === undefined || a === undefined || b === undefined ? weight : { ...weight, bytes: bytesOf(mergedValues(adapter, a, b, { rank, scale: alpha / rank })) };
      });
      return { ...model, graph: { ...model.graph, initializers } };
    },
  };
}

function adapterOf(node: NodeProto, matrices: ReadonlyMap<string, TensorProto>): Adapter | undefined {
  const weight = matrices.get(node.inputs[1] ?? '');
  const isProduct = node.domain === '' && (node.operator === 'MatMul' || (node.operator === 'Gemm' && intAttribute(node, 'transA', 0) === 0));
  if (weight === undefined || !isProduct) return undefined;
  const transposed = node.operator === 'Gemm' && intAttribute(node, 'transB', 0) === 1;
  const [rows = 0, columns = 0] = weight.dims;
  return { weight, transposed, from: transposed ? columns : rows, to: transposed ? rows : columns };
}

function withAdapter(node: NodeProto, weight: string, scale: string): NodeProto[] {
  const [x = ''] = node.inputs;
  const [y = ''] = node.outputs;
  const name = (part: string): string => `${y}_lora_${part}`;
  const make = (operator: string, inputs: readonly string[], output: string): NodeProto => ({
    operator, domain: '', name: `${output}_lora`, inputs, outputs: [output], attributes: {},
  });
  return [
    { ...node, outputs: [name('base')] },
    make('MatMul', [x, `${weight}.lora_A`], name('a')),
    make('MatMul', [name('a'), `${weight}.lora_B`], name('b')),
    make('Mul', [name('b'), scale], name('scaled')),
    make('Add', [name('base'), name('scaled')], y),
  ];
}

function mergedValues({ weight, transposed, from, to }: Adapter, a: Float32Array, b: Float32Array, { rank, scale }: { rank: number; scale: number }): Float32Array {
  const values = Float32Array.from(floatsOf(weight));
  for (let row = 0; row < from; row++) {
    for (let column = 0; column < to; column++) {
      let product = 0;
      for (let inner = 0; inner < rank; inner++) product += (a[row * rank + inner] ?? 0) * (b[inner * to + column] ?? 0);
      const at = transposed ? column * from + row : row * to + column;
      values[at] = (values[at] ?? 0) + scale * product;
    }
  }
  return values;
}

function tensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  return { name, dims, type: dataType.float32, bytes: bytesOf(data) };
}
