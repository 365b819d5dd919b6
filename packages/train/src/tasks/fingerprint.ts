import { createHash } from 'node:crypto';
import type { ResolvedTrainConfig } from './train-config.js';

/** Hash of a configuration and the hashes of its data: two runs with the same one give the same weights. */
export function fingerprintOf(config: ResolvedTrainConfig, dataHashes: readonly string[]): string {
  // Where the result goes and how often it is saved changes nothing of it, nor where the data lies: its hashes are of what it holds.
  const { out: _out, restart: _restart, checkpointEverySteps: _every, pack: _pack, data: _data, dev: _dev, inspector, ...rest } = config;
  const { ngramData: _ngramData, experts, ...others } = inspector;
  const settings = { ...others, ...(experts && { experts: experts.map(({ criterion }) => criterion) }) };
  return createHash('sha256').update(JSON.stringify([{ ...rest, inspector: settings }, dataHashes], inOrder)).digest('hex');
}

/** The order in which fields were given does not count. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
