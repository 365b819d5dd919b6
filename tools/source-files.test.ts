import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isLibraryFile, listSourceFiles } from './source-files.js';

const root = fileURLToPath(new URL('..', import.meta.url));

test('files of packages, tools and tests are listed, built and installed ones are not', () => {
  const files = listSourceFiles(root);
  expect(files).toEqual(expect.arrayContaining(['packages/core/src/index.ts', 'tools/source-files.ts', 'tests/setup.ts']));
  expect(files.filter((path) => /node_modules|\/dist\/|\.d\.ts$/.test(path))).toEqual([]);
});

test('a folder without any of the rooms has no source files', () => {
  expect(listSourceFiles(`${root}/.changeset`)).toEqual([]);
});

test.each([
  ['packages/core/src/text/sentences.ts', true],
  ['packages/core/src/text/sentences.test.ts', false],
  ['packages/squad/src/test-support.ts', false],
  ['packages/core/tsup.config.ts', false],
  ['tools/source-files.ts', false],
])('%s is library code: %s', (path, expected) => {
  expect(isLibraryFile(path)).toBe(expected);
});
