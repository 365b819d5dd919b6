import { readdirSync, type Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';

const skipped = new Set(['node_modules', 'dist', '.turbo', 'coverage']);
const rooms = ['packages', 'tools', 'tests', 'examples', 'bench'];

/** Every TypeScript file that people write here, as sorted paths relative to `root` with forward slashes. */
export function listSourceFiles(root: string): readonly string[] {
  return rooms
    .flatMap((room) => walk(join(root, room)))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .sort();
}

/** True for the library code of a package, its tests excluded. */
export function isLibraryFile(path: string): boolean {
  return /^packages\/[^/]+\/src\//.test(path) && !isTestFile(path);
}

/** True for Vitest files and for the doubles that they share (`test-support.ts`). */
export function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('/test-support.ts');
}

function walk(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // A room that does not exist yet holds no files.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
