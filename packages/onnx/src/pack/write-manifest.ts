import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { parsePackManifest, type PackFile, type PackManifest } from './manifest.js';
import { locatePackFile, locatePackFolder, measurePackFile } from './pack-file.js';

/** Options of `writePackManifest`. */
export interface WritePackManifestOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Measures `files`, paths relative to `directory` with forward slashes, and writes pack.json in one step: readers see
 * the former one or the whole new one. Returns the manifest as written, with its files in order of their names.
 * @throws AlignSquadError `pack-not-found` without the folder, `pack-invalid` for a manifest that `openPack` would
 * refuse or a missing file, `pack-path-outside` for a file outside the folder.
 */
export async function writePackManifest(
  directory: string | URL,
  manifest: Omit<PackManifest, 'files'>,
  files: readonly string[],
  options: WritePackManifestOptions = {},
): Promise<PackManifest> {
  const { signal } = options;
  signal?.throwIfAborted();
  const root = await locatePackFolder(directory);
  const measured: [string, PackFile][] = [];
  for (const file of [...new Set(files)].sort()) {
    if (file === 'pack.json') throw new AlignSquadError('A pack.json can not name itself.', { code: 'pack-invalid' });
    measured.push([file, await measurePackFile(await locatePackFile(root, file), file, signal)]);
  }
  const complete = parsePackManifest({ ...manifest, files: Object.fromEntries(measured) });
  await replaceFile(join(root, 'pack.json'), `${JSON.stringify(complete, null, 2)}\n`);
  return complete;
}

async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(content);
      // Without this a crash after the rename could leave an empty file under the final name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new AlignSquadError('Could not write the `pack.json`.', { code: 'pack-invalid', cause: error });
  }
}
