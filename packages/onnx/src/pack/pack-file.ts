import { createHash } from 'node:crypto';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlignSquadError } from '@align-squad/core';
import { requirePackPath, type PackFile } from './manifest.js';

/**
 * Real path of the folder of a pack.
 * @throws AlignSquadError `pack-not-found`.
 */
export async function locatePackFolder(directory: string | URL): Promise<string> {
  try {
    const root = await realpath(typeof directory === 'string' ? directory : fileURLToPath(directory));
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw notFound(directory, error);
  }
  throw notFound(directory);
}

/**
 * Real path of a file of the pack in `root`, which must itself be a real path.
 * @throws AlignSquadError `pack-path-outside` when the path or a symbolic link leads out of the folder,
 * `pack-invalid` when there is no such file.
 */
export async function locatePackFile(root: string, file: string): Promise<string> {
  requirePackPath(file);
  let path: string;
  let isFile: boolean;
  try {
    path = await realpath(join(root, file));
    isFile = (await stat(path)).isFile();
  } catch (error) {
    throw new AlignSquadError(`The file \`${file}\` of the pack is missing.`, { code: 'pack-invalid', cause: error });
  }
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw new AlignSquadError(`The file \`${file}\` of the pack is a link that leads out of its folder.`, {
      code: 'pack-path-outside',
    });
  }
  if (!isFile) throw new AlignSquadError(`\`${file}\` of the pack is not a file.`, { code: 'pack-invalid' });
  return path;
}

// In pieces of this size and one buffer, hashing takes half as long as by a stream.
const pieceBytes = 1 << 18;

/**
 * Size and hash of the file at `path`, read piece by piece.
 * @throws AlignSquadError `pack-invalid` when it can't be read as a file.
 */
export async function measurePackFile(path: string, file: string, signal?: AbortSignal): Promise<PackFile> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    for (let bytes = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, pieceBytes);
      if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes };
      hash.update(piece.subarray(0, bytesRead));
      bytes += bytesRead;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw new AlignSquadError(`Could not read the file \`${file}\` of the pack.`, { code: 'pack-invalid', cause: error });
  } finally {
    await handle?.close();
  }
}

/**
 * Compares a file with its entry in the manifest, the size first.
 * @throws AlignSquadError `pack-invalid` for another size, `pack-hash-mismatch` for other content.
 */
export async function verifyPackFile(path: string, file: string, expected: PackFile, signal?: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  if (size !== expected.bytes) {
    throw new AlignSquadError(
      `The file \`${file}\` of the pack has ${size} bytes instead of ${expected.bytes}; it is ${size < expected.bytes ? 'truncated' : 'not the file that was packed'}: install the pack again.`,
      { code: 'pack-invalid' },
    );
  }
  const actual = await measurePackFile(path, file, signal);
  if (actual.sha256 === expected.sha256) return;
  throw new AlignSquadError(
    `The file \`${file}\` of the pack does not have the content that was packed (its SHA-256 differs): install the pack again.`,
    { code: 'pack-hash-mismatch' },
  );
}

function notFound(directory: string | URL, cause?: unknown): AlignSquadError {
  return new AlignSquadError(`There is no folder ${JSON.stringify(String(directory))} for a pack.`, {
    code: 'pack-not-found',
    cause,
  });
}
