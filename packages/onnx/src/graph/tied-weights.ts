import { wordsOf } from './float-data.js';
import type { NamedConstant } from './graph-constants.js';
import { listWeights } from './list-weights.js';
import type { ModelProto } from './model.js';

/** A weight that is a copy of another one. */
export interface Tie {
  /** Name of the weight that it copies. */
  readonly source: string;
  readonly transposed: boolean;
}

// Fewer values may be equal by chance: biases of few outputs, weights at their start.
const fewestValues = 65;

/**
 * Weights of more than 64 values that are copies of an earlier one, also transposed ones, by name: exporters write a copy
 * for each use. Constants of one value throughout, as gains and biases at their start, are never copies.
 */
export function findTiedWeights(model: ModelProto): ReadonlyMap<string, Tie> {
  return tiesAmong(listWeights(model));
}

/** `findTiedWeights` of weights that are listed already. */
export function tiesAmong(weights: readonly NamedConstant[]): ReadonlyMap<string, Tie> {
  const ties = new Map<string, Tie>();
  const sources = new Map<string, NamedConstant[]>();
  for (const weight of weights) {
    const words = wordsOf(weight.tensor);
    if (words.length < fewestValues || isUniform(words)) continue;
    const key = `${words.length} ${unorderedHash(words)}`;
    const candidates = sources.get(key) ?? [];
    const tie = candidates.flatMap((source): Tie[] => tieTo(source, weight, words))[0];
    if (tie) ties.set(weight.name, tie);
    else sources.set(key, [...candidates, weight]);
  }
  return ties;
}

function tieTo(source: NamedConstant, weight: NamedConstant, words: Uint32Array): Tie[] {
  const from = wordsOf(source.tensor);
  const [rows = 0, columns = 0, ...others] = source.tensor.dims;
  const dims = weight.tensor.dims;
  if (String(dims) === String(source.tensor.dims) && from.every((word, index) => word === words[index])) {
    return [{ source: source.name, transposed: false }];
  }
  const isTurned = others.length === 0 && dims.length === 2 && dims[0] === columns && dims[1] === rows;
  if (!isTurned || !isTranspose(from, words, rows, columns)) return [];
  return [{ source: source.name, transposed: true }];
}

function isTranspose(from: Uint32Array, to: Uint32Array, rows: number, columns: number): boolean {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) if (from[row * columns + column] !== to[column * rows + row]) return false;
  }
  return true;
}

function isUniform(words: Uint32Array): boolean {
  return words.every((word) => word === words[0]);
}

/** The same for any order of the same words. */
function unorderedHash(words: Uint32Array): number {
  let hash = 0;
  for (const word of words) hash = (hash + Math.imul(word ^ (word >>> 15), 0x2c1b3c6d)) | 0;
  return hash;
}
