import { AlignSquadError, type Random } from '@align-squad/core';
import { floatsOf } from '../graph/float-data.js';
import { elementCount, type TensorProto } from '../graph/model.js';
import { bytesOf } from '../graph/wire.js';
import { rankOf, type RankGroup, type TensorDelta, type TensorForm } from './delta.js';
import { addProduct, cutGroups, lowRankLength, packLowRank, unpackLowRank } from './low-rank.js';
import { packedLength, packVector, unpackVector } from './packed-vector.js';
import { truncatedSvd } from './truncated-svd.js';
import { addScaled, dot } from './vectors.js';

/** Options of `packTensorDelta`. */
export interface PackTensorOptions {
  /** Keep a matrix as singular vectors in these groups; otherwise value by value. */
  readonly groups?: readonly RankGroup[] | undefined;
  readonly random: Random;
}

// Vectors of layer norms and biases: exact, as they cost little.
const mostExactValues = 4096;

/**
 * Packs what makes `tuned` of `base`, two float32 tensors of one shape.
 * @throws AlignSquadError `model-invalid` when the change is not of finite numbers.
 */
export function packTensorDelta(base: TensorProto, tuned: TensorProto, options: PackTensorOptions): TensorDelta {
  const change = Float32Array.from(floatsOf(tuned));
  addScaled(change, floatsOf(base), -1);
  const size = Math.sqrt(dot(change, change));
  if (!Number.isFinite(size)) {
    throw new AlignSquadError(`The values of tensor ${base.name} are not all finite numbers: the training diverged.`, { code: 'model-invalid' });
  }
  const { name, dims } = base;
  const packed = pack(change, tuned, options);
  if (packed.form.kind === 'values') return { name, dims, ...packed, relativeError: 0 };
  addChange(change, { name, dims, ...packed }, -1);
  return { name, dims, ...packed, relativeError: Math.sqrt(dot(change, change)) / size };
}

function pack(change: Float32Array, tuned: TensorProto, { groups, random }: PackTensorOptions): Pick<TensorDelta, 'form' | 'data'> {
  const [rows = 0, columns = 0] = tuned.dims;
  if (groups !== undefined) {
    const svd = truncatedSvd({ rows, columns, values: change }, { rank: rankOf(groups), random });
    const kept = cutGroups(groups, svd.values.length);
    return { form: { kind: 'low-rank', groups: kept }, data: packLowRank(svd, kept) };
  }
  if (change.length <= mostExactValues) return { form: { kind: 'values' }, data: Uint8Array.from(bytesOf(floatsOf(tuned))) };
  const data = new Uint8Array(packedLength(change.length, 8));
  packVector(change, 8, data, 0);
  return { form: { kind: 'difference' }, data };
}

/** Bytes that the data of a tensor of this shape has. */
export function packedTensorLength(dims: readonly number[], form: TensorForm): number {
  if (form.kind === 'low-rank') return lowRankLength(dims, form.groups);
  return form.kind === 'values' ? 4 * elementCount(dims) : packedLength(elementCount(dims), 8);
}

/** The tuned values of a tensor, as far as the delta keeps them. */
export function tunedValues(base: TensorProto, delta: TensorDelta): Float32Array {
  if (delta.form.kind === 'values') return Float32Array.from(floatsOf({ ...base, bytes: delta.data }));
  const values = Float32Array.from(floatsOf(base));
  addChange(values, delta, 1);
  return values;
}

function addChange(values: Float32Array, { dims, form, data }: Omit<TensorDelta, 'relativeError'>, sign: 1 | -1): void {
  if (form.kind === 'low-rank') return addProduct(values, dims, unpackLowRank(data, dims, form.groups), sign);
  const change = new Float32Array(values.length);
  unpackVector(data, 0, change.length, 8, { values: change, start: 0 });
  addScaled(values, change, sign);
}
