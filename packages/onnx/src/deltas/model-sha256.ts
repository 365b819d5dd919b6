import { createHash } from 'node:crypto';
import { listConstants } from '../graph/graph-constants.js';
import type { ModelProto } from '../graph/model.js';

/** SHA-256 of the constants of a model, names, shapes and values; the same however its file lays them out. */
export function modelSha256({ graph }: ModelProto): string {
  const hash = createHash('sha256');
  for (const { name, tensor: { type, dims, bytes } } of listConstants(graph)) {
    hash.update(JSON.stringify([name, type, dims, bytes?.length ?? -1]));
    if (bytes) hash.update(bytes);
  }
  return hash.digest('hex');
}
