import { AlignSquadError, parseWith, type Random } from '@align-squad/core';
import { z } from 'zod';
import { floatsOf } from './float-data.js';
import { findProducts, type WeightProduct } from './lora-products.js';
import { dataType, elementCount, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { bytesOf } from './wire.js';

/** Options of `addLora`. */
export interface LoraOptions {
  /** Columns of A and rows of B; a whole number from 1. */
  readonly rank: number;
  /** Weight of the adapters is alpha / rank. @default twice the rank */
  readonly alpha?: number | undefined;
  readonly random: Random;
  /** Matrices to leave alone, besides those with more than 20,000 rows or columns, which are vocabularies. @default none */
  readonly skip?: ((name: string) => boolean) | undefined;
}

/** A model with adapters. */
export interface LoraModel {
  readonly model: ModelProto;
  /** Names of the adapters' weights, the only ones to train. */
  readonly names: readonly string[];
  /**
   * The model without adapters, W + alpha / rank * A B in the place of W.
   * @throws AlignSquadError `invalid-options` when values of an adapter are missing or of another size.
   */
  merge(weights: ReadonlyMap<string, Float32Array>): ModelProto;
}

const sizesSchema = z.strictObject({ rank: z.number().int().min(1), alpha: z.number().positive().optional() });

const vocabularySize = 20_000;

/**
 * Adds low-rank adapters to the products of a float32 model with its weight matrices (LoRA, Hu et al. 2021):
 * y = x W + alpha / rank * (x A) B, with `<weight>.lora_A` [from, rank] random and `<weight>.lora_B` [rank, to] zero. A matrix
 * that is read elsewhere too, as a tied embedding is, has none: merging would change what those read.
 * @throws AlignSquadError `invalid-options` for a rank or alpha out of range; `model-invalid` when no product can be adapted.
 */
export function addLora(model: ModelProto, { rank, alpha = 2 * rank, random, skip = () => false }: LoraOptions): LoraModel {
  parseWith(sizesSchema, { rank, alpha }, { what: 'options of `addLora`', code: 'invalid-options' });
  const products = new Map([...findProducts(model.graph)].filter(([, { weight, from, to }]) => !skip(weight.name) && Math.max(from, to) <= vocabularySize));
  if (products.size === 0) {
    throw new AlignSquadError('The model has no product with a float32 weight matrix that could be adapted: train it with the method `full`.', {
      code: 'model-invalid',
    });
  }
  const scale = { name: freeName(model, 'lora_scale'), value: alpha / rank };
  const nodes = model.graph.nodes.flatMap((node): NodeProto[] => {
    const product = products.get(node);
    return product ? withAdapter(node, product.weight.name, scale.name) : [node];
  });
  // Several products may share one weight, and so its adapter.
  const adapters = new Map([...products.values()].map((product) => [product.weight.name, product]));
  const factors = [...adapters.values()].flatMap(({ weight, from, to }) => [
    tensor(`${weight.name}.lora_A`, [from, rank], Float32Array.from({ length: from * rank }, () => random.normal() / Math.sqrt(from))),
    tensor(`${weight.name}.lora_B`, [rank, to], new Float32Array(rank * to)),
  ]);
  const constants = [...factors, tensor(scale.name, [], Float32Array.of(scale.value))];
  return {
    model: { ...model, graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...constants] } },
    names: factors.map(({ name }) => name),
    merge(weights) {
      const initializers = model.graph.initializers.map((weight): TensorProto => {
        const product = adapters.get(weight.name);
        if (!product) return weight;
        const a = factorValues(weights, `${weight.name}.lora_A`, product.from * rank);
        const b = factorValues(weights, `${weight.name}.lora_B`, rank * product.to);
        return { ...weight, bytes: bytesOf(mergedValues(product, a, b, { rank, scale: scale.value })) };
      });
      return { ...model, graph: { ...model.graph, initializers } };
    },
  };
}

/** A name that no value of the model has. */
function freeName({ graph }: ModelProto, wanted: string): string {
  const taken = new Set([...graph.initializers.map(({ name }) => name), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  let name = wanted;
  while (taken.has(name)) name += '_';
  return name;
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

function factorValues(weights: ReadonlyMap<string, Float32Array>, name: string, length: number): Float32Array {
  const values = weights.get(name);
  if (values?.length === length) return values;
  throw new AlignSquadError(`Expected ${length} values of the adapter ${name}, got ${values?.length ?? 'none'}.`, { code: 'invalid-options' });
}

interface MergeOptions {
  readonly rank: number;
  readonly scale: number;
}

function mergedValues({ weight, turned, from, to }: WeightProduct, a: Float32Array, b: Float32Array, { rank, scale }: MergeOptions): Float32Array {
  if (weight.bytes?.length !== 4 * elementCount(weight.dims)) {
    throw new AlignSquadError(`The values of tensor ${weight.name} were not read: read the model with \`readModelFile\`.`, { code: 'model-invalid' });
  }
  const values = Float32Array.from(floatsOf(weight));
  for (let row = 0; row < from; row++) {
    for (let column = 0; column < to; column++) {
      let product = 0;
      for (let inner = 0; inner < rank; inner++) product += (a[row * rank + inner] ?? 0) * (b[inner * to + column] ?? 0);
      const at = turned ? column * from + row : row * to + column;
      values[at] = (values[at] ?? 0) + scale * product;
    }
  }
  return values;
}

function tensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  return { name, dims, type: dataType.float32, bytes: bytesOf(data) };
}
