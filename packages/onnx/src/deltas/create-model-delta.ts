import { AlignSquadError, createRandom } from '@align-squad/core';
import { listConstants, type NamedConstant } from '../graph/graph-constants.js';
import { dataType, type ModelProto, type TensorProto } from '../graph/model.js';
import { requireFloatModel } from '../graph/require-float-model.js';
import type { ModelDelta, RankGroup, TensorDelta } from './delta.js';
import { lowRankNames } from './delta-targets.js';
import { modelSha256 } from './model-sha256.js';
import { packTensorDelta } from './tensor-delta.js';

/** Options of `createModelDelta`. */
export interface ModelDeltaOptions {
  /** Path of the model in its pack. */
  readonly file: string;
  readonly groups: readonly RankGroup[];
  /** Of the random projections for large matrices. @default 1 */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How far a delta is: one event a tensor that changed, then the delta. */
export type ModelDeltaEvent =
  | { readonly type: 'tensor-end'; readonly file: string; readonly tensor: TensorDelta; readonly done: number; readonly total: number }
  | { readonly type: 'model-end'; readonly delta: ModelDelta };

/**
 * Compares two models of one graph and packs what changed: matrices that are multiplied with or looked up as singular
 * vectors in mixed precision (Delta-CoMe, Ping et al. 2024, section 4), other tensors in 8 bits, small ones exactly.
 * Other work comes through between two tensors.
 * @throws AlignSquadError `model-invalid` for models that are not float32, or differ in more than float32 values; the signal's reason.
 */
export async function* createModelDelta(base: ModelProto, tuned: ModelProto, { file, groups, seed = 1, signal }: ModelDeltaOptions): AsyncGenerator<ModelDeltaEvent, void, undefined> {
  requireFloatModel(base);
  requireFloatModel(tuned);
  const changes = changedTensors(base, tuned);
  const matrices = lowRankNames(base.graph);
  const random = createRandom(seed);
  const tensors: TensorDelta[] = [];
  for (const { from, to } of changes) {
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    const tensor = packTensorDelta(from, to, { random, groups: matrices.has(from.name) ? groups : undefined });
    tensors.push(tensor);
    yield { type: 'tensor-end', file, tensor, done: tensors.length, total: changes.length };
  }
  yield { type: 'model-end', delta: { file, baseSha256: modelSha256(base), tunedSha256: modelSha256(tuned), tensors } };
}

interface Change {
  readonly from: TensorProto;
  readonly to: TensorProto;
}

function changedTensors(base: ModelProto, tuned: ModelProto): Change[] {
  const before = listConstants(base.graph);
  const after = listConstants(tuned.graph);
  if (before.length !== after.length) throw differ('have another number of constants');
  const changes = before.flatMap((constant, index): Change[] => {
    const other = after[index];
    if (!other || !isAlike(constant, other)) throw differ(`differ in the shape or type of constant ${constant.name}`);
    const [from, to] = [constant.tensor, other.tensor];
    if (Buffer.compare(from.bytes ?? nothing, to.bytes ?? nothing) === 0) return [];
    if (from.type !== dataType.float32 || constant.kind === 'attribute') throw differ(`differ in the constant ${constant.name}, which is no weight`);
    return [{ from: { ...from, name: constant.name }, to }];
  });
  if (new Set(changes.map(({ from }) => from.name)).size < changes.length) throw differ('have two weights of one name, in different branches');
  return changes;
}

const nothing = new Uint8Array(0);

function isAlike(a: NamedConstant, b: NamedConstant): boolean {
  return a.name === b.name && a.kind === b.kind && a.tensor.type === b.tensor.type && a.tensor.dims.join() === b.tensor.dims.join();
}

function differ(how: string): AlignSquadError {
  return new AlignSquadError(`The two models ${how}: a delta is of a model and its own fine-tune, whose graphs are the same.`, { code: 'model-invalid' });
}
