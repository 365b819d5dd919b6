import { AlignSquadError } from '@align-squad/core';
import { elementCount, type ModelProto, type TensorProto } from './model.js';
import { trainableWeights } from './trainable-weights.js';

/** A weight that is another one, or its transpose. */
export interface TiedWeight {
  readonly source: string;
  readonly transposed: boolean;
}

// Small weights, such as those of normalisations, are often equal by chance at the start.
const leastTied = 64;

/**
 * Weights that hold the same numbers as an earlier one, by name: an exporter copies a tied output matrix, often
 * transposed.
 */
export function findTiedWeights(model: ModelProto): ReadonlyMap<string, TiedWeight> {
  const tied = new Map<string, TiedWeight>();
  const groups = new Map<string, TensorProto[]>();
  for (const tensor of trainableWeights(model)) {
    if (elementCount(tensor.dims) <= leastTied || tensor.dims.length !== 2) continue;
    const values = floatsOf(tensor);
    // Matrices of one number, such as zeros before training, are equal by chance.
    if (values.every((value) => value === values[0])) continue;
    // Equal sums are rare, so few pairs are compared number by number.
    const key = `${values.length}:${sumOf(values)}`;
    const group = groups.get(key) ?? [];
    const match = group.map((source) => ({ source, transposed: compare(source, tensor) })).find(({ transposed }) => transposed !== undefined);
    if (match?.transposed !== undefined) tied.set(tensor.name, { source: match.source.name, transposed: match.transposed });
    else groups.set(key, [...group, tensor]);
  }
  return tied;
}

/** Order must not matter, for a transposed copy has the same numbers in another one: a sum of whole numbers. */
function sumOf(values: Float32Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  return bits.reduce((sum, value) => (sum + value) | 0, 0);
}

function compare(a: TensorProto, b: TensorProto): boolean | undefined {
  const [rows = 0, columns = 0] = a.dims;
  const [left, right] = [floatsOf(a), floatsOf(b)];
  if (b.dims[0] === rows && b.dims[1] === columns && left.every((value, at) => value === right[at])) return false;
  if (b.dims[0] !== columns || b.dims[1] !== rows) return undefined;
  return left.every((value, at) => value === right[(at % columns) * rows + Math.floor(at / columns)]) ? true : undefined;
}

/** A matrix [rows, columns] turned. */
export function transposeMatrix(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: values.length }, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

/**
 * The numbers of a float32 constant; a view where the bytes are aligned.
 * @throws AlignSquadError `model-invalid` when they lie outside the file or are too few.
 */
export function floatsOf({ name, dims, bytes }: TensorProto): Float32Array {
  const count = elementCount(dims);
  if (bytes?.byteLength !== 4 * count) {
    throw new AlignSquadError(`The values of weight ${name} are not loaded, or cut short.`, { code: 'model-invalid' });
  }
  if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
