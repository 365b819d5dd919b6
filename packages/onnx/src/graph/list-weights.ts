import { AlignSquadError } from '@align-squad/core';
import { findFixedTables } from './fixed-tables.js';
import { wordsOf } from './float-data.js';
import { listConstants, type NamedConstant } from './graph-constants.js';
import { dataType, elementCount, type ModelProto } from './model.js';

/**
 * The weights of a model: its float32 constants of more than one value, without those that are given and not learned
 * (`findFixedTables`), in the order of the file.
 * @throws AlignSquadError `model-invalid` when values were not read, do not fill their shape, or differ under one name.
 */
export function listWeights(model: ModelProto): NamedConstant[] {
  const found = new Map<string, NamedConstant>();
  for (const constant of listConstants(model.graph)) {
    const { name, tensor, kind } = constant;
    if (kind === 'attribute' || tensor.type !== dataType.float32 || elementCount(tensor.dims) < 2) continue;
    requireValues(constant);
    const known = found.get(name);
    if (known && !areEqual(wordsOf(known.tensor), wordsOf(tensor))) {
      throw new AlignSquadError(`The model has two weights named ${name}, in different branches.`, { code: 'model-invalid' });
    }
    found.set(name, known ?? constant);
  }
  const fixed = findFixedTables(model.graph, [...found.values()]);
  return [...found.values()].filter(({ name }) => !fixed.has(name));
}

function requireValues({ name, tensor }: NamedConstant): void {
  if (!tensor.bytes) {
    throw new AlignSquadError(`The values of tensor ${name} were not read: read the model with \`readModelFile\`.`, { code: 'model-invalid' });
  }
  if (tensor.bytes.length !== 4 * elementCount(tensor.dims)) {
    throw new AlignSquadError(`The values of tensor ${name} do not fill its shape.`, { code: 'model-invalid' });
  }
}

function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, index) => word === b[index]);
}
