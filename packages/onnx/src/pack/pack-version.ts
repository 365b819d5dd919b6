import { createHash } from 'node:crypto';
import type { PackManifest } from './manifest.js';

/**
 * Names a pack and what it holds: name, version and a hash of the whole manifest, which has the hash of every file as well
 * as the thresholds and calibrations that decide verdicts. Results and caches are told apart by it.
 */
export function packVersion(manifest: PackManifest): string {
  const hash = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 16);
  return `${manifest.name}@${manifest.version}+${hash}`;
}
