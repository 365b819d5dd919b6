import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLibraryFile, listSourceFiles } from '../../../tools/source-files.js';
import { z } from './zod.js';

const usesOf = (text: string): string[] => [...text.matchAll(/(?<![\w.'"`])z\s*\.\s*([a-z]\w*)/g)].map(([, name = '']) => name);
// Names of types, which a build leaves out.
const types = ['core', 'infer', 'input', 'output'];

test('uses are found over lines', () => {
  expect(usesOf('const a: z.ZodType<A> = z\n  .strictObject({ b: z.int() });')).toEqual(['strictObject', 'int']);
});

test('holds all that the packages use of zod', () => {
  const root = new URL('../../../', import.meta.url).pathname;
  const texts = listSourceFiles(root).filter((path) => path.startsWith('packages/') && isLibraryFile(path)).map((path) => readFileSync(join(root, path), 'utf8'));
  const used = new Set(texts.filter((text) => text.includes("import { z } from 'zod'")).flatMap(usesOf));
  expect(used.size).toBeGreaterThan(10);
  expect([...used].filter((name) => !types.includes(name) && !Object.hasOwn(z, name))).toEqual([]);
});
