import { AlignSquadError } from '@align-squad/core';
import { listConstants, replaceConstants } from '../graph/graph-constants.js';
import type { ModelProto, TensorProto } from '../graph/model.js';
import { bytesOf } from '../graph/wire.js';
import type { ModelDelta } from './delta.js';
import { modelSha256 } from './model-sha256.js';
import { tunedValues } from './tensor-delta.js';

/**
 * The fine-tuned model: each weight of the base with its change, as far as the delta keeps it. It is a model like any other,
 * to be quantised, written or run.
 * @throws AlignSquadError `pack-hash-mismatch` for another base than the delta was made of.
 */
export function applyDelta(base: ModelProto, delta: ModelDelta): ModelProto {
  requireBase(base, delta);
  const changes = new Map(delta.tensors.map((tensor) => [tensor.name, tensor]));
  const graph = replaceConstants(base.graph, ({ name, tensor, kind }): TensorProto => {
    const change = kind === 'attribute' ? undefined : changes.get(name);
    return change ? { ...tensor, bytes: bytesOf(tunedValues(tensor, change)) } : tensor;
  });
  return { ...base, graph };
}

/**
 * Refuses a model that a delta was not made of.
 * @throws AlignSquadError `pack-hash-mismatch`, or `pack-invalid` for a delta that names tensors which the model does not have.
 */
export function requireBase(base: ModelProto, { file, baseSha256, tensors }: ModelDelta, sha256: string = modelSha256(base)): void {
  if (sha256 === baseSha256) {
    const shapes = new Map(listConstants(base.graph).map(({ name, tensor }) => [name, tensor.dims.join()]));
    if (tensors.every(({ name, dims }) => shapes.get(name) === dims.join())) return;
    throw new AlignSquadError(`The delta changes tensors that ${JSON.stringify(file)} does not have: make it again.`, { code: 'pack-invalid' });
  }
  throw new AlignSquadError(`The delta was made of another base than this ${JSON.stringify(file)} (the SHA-256 of its weights differs): use the pack that was fine-tuned.`, {
    code: 'pack-hash-mismatch',
  });
}
