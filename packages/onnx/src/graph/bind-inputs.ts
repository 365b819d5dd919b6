import { AlignSquadError } from '@align-squad/core';
import type { GraphBuilder } from './builder.js';
import { dataType, type GraphProto, type TensorProto, type ValueProto } from './model.js';
import { bytesOf } from './wire.js';

/** The inputs of a model in a graph: those that stay inputs, with fixed dims, and those that are constants there. */
export interface BoundInputs {
  readonly open: readonly ValueProto[];
  readonly constants: readonly TensorProto[];
}

const branchSwitch = 'use_cache_branch';
const pastPrefix = 'past_key_values';

/** The inputs of a graph that are not its own constants; old files list those too. */
export function trueInputs(graph: GraphProto): ValueProto[] {
  const constants = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.filter(({ name }) => !constants.has(name));
}

/**
 * Binds the inputs of a model to values of `graph`. Past keys and values that are left out are empty, and the branch without
 * them is taken.
 * @throws AlignSquadError `invalid-options` for an input that is missing, unknown, or of another type or rank.
 */
export function bindInputs(graph: GraphBuilder, inputs: readonly ValueProto[], given: Readonly<Record<string, string>>): BoundInputs {
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) throw new AlignSquadError(`The model has no input ${unknown}.`, { code: 'invalid-options' });
  const open: ValueProto[] = [];
  const constants: TensorProto[] = [];
  const batch = batchSize(graph, inputs, given);
  for (const input of inputs) {
    const value = given[input.name];
    if (value === undefined) {
      constants.push(leftOut(input, batch));
      continue;
    }
    const { type, constant } = graph.info(value);
    const dims = graph.shape(value);
    if ((input.type !== 0 && type !== input.type) || (input.dims && input.dims.length !== dims.length)) {
      throw new AlignSquadError(`Input ${input.name} of the model needs another element type or number of dimensions.`, { code: 'invalid-options' });
    }
    const known = constant && knownTensor(input.name, type, dims, constant);
    if (known) constants.push(known);
    else open.push({ name: input.name, type, dims });
  }
  return { open, constants };
}

function knownTensor(name: string, type: number, dims: readonly number[], numbers: readonly number[]): TensorProto | undefined {
  if (type === dataType.int64) return { name, type, dims, bytes: bytesOf(BigInt64Array.from(numbers, BigInt)) };
  return type === dataType.bool ? { name, type, dims, bytes: Uint8Array.from(numbers) } : undefined;
}

function leftOut(input: ValueProto, batch: number): TensorProto {
  const { name, type, dims = [] } = input;
  if (name === branchSwitch) {
    const fixed = dims.map((size) => (typeof size === 'number' ? size : 1));
    return { name, type: dataType.bool, dims: fixed, bytes: new Uint8Array(1) };
  }
  if (!name.startsWith(pastPrefix) || !dims.some((size) => typeof size === 'string')) {
    throw new AlignSquadError(`The model needs its input ${name}.`, { code: 'invalid-options' });
  }
  // The first free dimension is the batch, the others count past tokens.
  const first = dims.findIndex((size) => typeof size === 'string');
  return { name, type, dims: dims.map((size, axis) => (typeof size === 'number' ? size : axis === first ? batch : 0)), bytes: new Uint8Array(0) };
}

/** The first dimension of the first input that is given; models have the batch there. */
function batchSize(graph: GraphBuilder, inputs: readonly ValueProto[], given: Readonly<Record<string, string>>): number {
  const [first = ''] = inputs.flatMap(({ name }) => given[name] ?? []);
  return first === '' ? 1 : (graph.shape(first)[0] ?? 1);
}
