import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPack } from '@align-squad/onnx';

/** Which pack was measured. */
export interface PackIdentity {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of pack.json, which holds the hashes of all other files. */
  readonly sha256: string;
  /** Bytes of all files that pack.json names. */
  readonly bytes: number;
}

/** Opens a pack, which verifies its hashes, and says which it is. */
export async function identifyPack(directory: string | URL): Promise<PackIdentity> {
  const { manifest } = await openPack(directory);
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  return {
    name: manifest.name,
    version: manifest.version,
    sha256: createHash('sha256').update(await readFile(join(folder, 'pack.json'))).digest('hex'),
    bytes: Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0),
  };
}
