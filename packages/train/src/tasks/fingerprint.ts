import { createHash } from 'node:crypto';
import type { ResolvedTrainConfig } from './train-config.js';

/** Hash of a configuration and the hashes of its data: two runs with the same one give the same weights. */
export function fingerprintOf(config: ResolvedTrainConfig, dataHashes: readonly string[]): string {
  // Where the result goes and how often it is saved changes nothing of it.
  const { out: _out, restart: _restart, checkpointEverySteps: _every, pack: _pack, ...rest } = config;
  return createHash('sha256').update(JSON.stringify([rest, dataHashes])).digest('hex');
}
