import { AlignSquadError } from '@align-squad/core';
import type { ValueBits } from './packed-vector.js';

/** Singular vectors that are kept in one precision. */
export interface RankGroup {
  readonly rank: number;
  readonly bits: ValueBits;
}

/**
 * How the change of a tensor is kept. `low-rank`: left and right singular vectors, each times the root of its value, in
 * groups from the largest values on. `difference`: tuned minus base, in 8 bits. `values`: the tuned float32 values.
 */
export type TensorForm =
  | { readonly kind: 'low-rank'; readonly groups: readonly RankGroup[] }
  | { readonly kind: 'difference' }
  | { readonly kind: 'values' };

/** The change of one tensor. */
export interface TensorDelta {
  readonly name: string;
  readonly dims: readonly number[];
  readonly form: TensorForm;
  /** Packed, in the order that `form` says. */
  readonly data: Uint8Array;
  /** Frobenius norm of what is lost, over that of the change. */
  readonly relativeError: number;
}

/** The change of one model; tensors that did not change are not named. */
export interface ModelDelta {
  /** Path of the float32 model in its pack, such as `onnx/model.onnx`. */
  readonly file: string;
  /** `modelSha256` of both models. */
  readonly baseSha256: string;
  readonly tunedSha256: string;
  readonly tensors: readonly TensorDelta[];
}

/** What makes a fine-tuned pack of its base (Delta-CoMe, Ping et al. 2024). */
export interface Delta {
  /** The tuned pack: its name, version and `aligner` section. */
  readonly pack: { readonly name: string; readonly version: string; readonly aligner?: Readonly<Record<string, unknown>> | undefined };
  readonly models: readonly ModelDelta[];
}

/** How many singular vectors are kept. */
export function rankOf(groups: readonly RankGroup[]): number {
  return groups.reduce((sum, { rank }) => sum + rank, 0);
}

/** The delta of the model at a path. @throws AlignSquadError `pack-invalid` when the delta has none. */
export function modelDelta(delta: Delta, file: string): ModelDelta {
  const found = delta.models.find((model) => model.file === file);
  if (found) return found;
  throw new AlignSquadError(`The delta of ${JSON.stringify(delta.pack.name)} holds nothing for the model ${JSON.stringify(file)}.`, { code: 'pack-invalid' });
}
