import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

test('the fixtures take less than 6 MB', async () => {
  const entries = await readdir(fixtures, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  expect(files.length).toBeGreaterThan(8);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6_000_000);
});

test('the notice names every folder of fixtures', async () => {
  const notice = await readFile(join(fixtures, 'NOTICE.md'), 'utf8');
  const folders = (await readdir(fixtures, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(folders.map((folder) => folder.name).filter((name) => !notice.includes(`\`${name}/`))).toEqual([]);
});
