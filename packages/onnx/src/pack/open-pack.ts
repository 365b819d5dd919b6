import { readFile } from 'node:fs/promises';
import { AlignSquadError } from '@align-squad/core';
import { parsePackManifest, requirePackPath, type PackManifest } from './manifest.js';
import { locatePackFile, locatePackFolder, verifyPackFile } from './pack-file.js';

/** Options of `openPack`. */
export interface OpenPackOptions {
  readonly signal?: AbortSignal | undefined;
}

/** An opened pack: its manifest, and the files that the manifest names, which were verified. */
export interface Pack {
  readonly manifest: PackManifest;
  /** Real path of the folder. */
  readonly directory: string;
  /** Real path of a file of the manifest. @throws AlignSquadError `pack-invalid` or `pack-path-outside` for any other. */
  path(file: string): string;
  /** Content of a file of the manifest. */
  readBytes(file: string): Promise<Uint8Array>;
  /** Parsed content of a JSON file of the manifest. */
  readJson(file: string): Promise<unknown>;
}

/**
 * Opens a folder with a pack.json and verifies size and SHA-256 of every file that it names.
 * @throws AlignSquadError `pack-not-found` without a folder or its pack.json, `pack-invalid` for a broken pack.json or
 * a missing or truncated file, `pack-hash-mismatch` for changed content, `pack-path-outside` for a path or link that
 * leads out of the folder, `pack-version-unsupported` for a newer schema.
 */
export async function openPack(directory: string | URL, options: OpenPackOptions = {}): Promise<Pack> {
  const { signal } = options;
  signal?.throwIfAborted();
  const root = await locatePackFolder(directory);
  const manifest = parsePackManifest(parseJson(await readManifest(root), 'pack.json'));

  const paths = new Map<string, string>();
  for (const [file, expected] of Object.entries(manifest.files)) {
    const path = await locatePackFile(root, file);
    await verifyPackFile(path, file, expected, signal);
    paths.set(file, path);
  }

  const path = (file: string): string => {
    const known = paths.get(file);
    if (known !== undefined) return known;
    requirePackPath(file);
    throw new AlignSquadError(`The pack does not name the file \`${file}\`.`, { code: 'pack-invalid' });
  };

  return {
    manifest,
    directory: root,
    path,
    async readBytes(file) {
      return readListed(path(file), file);
    },
    async readJson(file) {
      return parseJson(new TextDecoder().decode(await readListed(path(file), file)), file);
    },
  };
}

async function readManifest(root: string): Promise<string> {
  try {
    return await readFile(await locatePackFile(root, 'pack.json'), 'utf8');
  } catch (error) {
    if (AlignSquadError.isInstance(error) && error.code === 'pack-path-outside') throw error;
    throw new AlignSquadError(`There is no readable \`pack.json\` in ${JSON.stringify(root)}; is this the folder of a pack?`, {
      code: 'pack-not-found',
      cause: error,
    });
  }
}

async function readListed(path: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new AlignSquadError(`Could not read the file \`${file}\` of the pack.`, { code: 'pack-invalid', cause: error });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AlignSquadError(`The file \`${file}\` of the pack is not JSON.`, { code: 'pack-invalid', cause: error });
  }
}
