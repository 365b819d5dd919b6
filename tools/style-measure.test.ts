import { expect, test } from 'vitest';
import { measureSource } from './style-measure.js';

const path = 'packages/core/src/bad.ts';

test('every use of any is found', () => {
  const { anys } = measureSource(path, 'const a: any = 1;\nconst b = a as any;\ntype C = Record<string, any>;\n');
  expect(anys).toEqual([`${path}:1`, `${path}:2`, `${path}:3`]);
});

test('the word any in a comment, a string or a name is not counted', () => {
  expect(measureSource(path, "// any\nconst any1 = 'any';\n").anys).toEqual([]);
});

test.each(["throw new Error('x');", "throw Error('x');", "reject(new TypeError('x'));"])(
  'a bare error is found in %s',
  (text) => {
    expect(measureSource(path, text).bareErrors).toEqual([`${path}:1`]);
  },
);

test('a class that extends Error and an instanceof check are not bare errors', () => {
  expect(measureSource(path, 'class A extends Error {}\nb instanceof Error;\n').bareErrors).toEqual([]);
});

test.each(['a!.b;', 'let a!: string;', 'class A { b!: string }'])('a non-null assertion is found in %s', (text) => {
  expect(measureSource(path, text).nonNulls).toEqual([`${path}:1`]);
});

test('a negation is not a non-null assertion', () => {
  expect(measureSource(path, 'const a = !b && c !== d;').nonNulls).toEqual([]);
});

test.each([
  ['export const a = 1;', 'a'],
  ['export function a(): void {}', 'a'],
  ['export class A {}', 'A'],
  ['export interface A {}', 'A'],
  ['export type A = string;', 'A'],
  ['export enum A { B }', 'A'],
  ['const a = 1;\nexport { a };', 'a'],
  ['/** @internal */\nexport const a = 1;', 'a'],
  ['// not a doc\nexport const a = 1;', 'a'],
])('an undocumented export is found in %j', (text, name) => {
  const measure = measureSource(path, text);
  expect(measure.undocumented.map((place) => place.split(' ')[1])).toEqual([name]);
});

test('a documented export counts once, also with overloads', () => {
  const text = '/** Doc. */\nexport function a(b: string): void;\nexport function a(b: number): void;\nexport function a(): void {}\n';
  expect(measureSource(path, text)).toMatchObject({ exports: 1, undocumented: [] });
});

test('a re-export from another file is not counted', () => {
  expect(measureSource(path, "export { a } from './a.js';").exports).toBe(0);
});

test('lines of functions are counted from the signature to the closing brace', () => {
  const text = '/** Doc. */\nfunction a() {\n  return () => {\n    b();\n  };\n}\n';
  expect(measureSource(path, text).functions).toEqual([
    { place: `${path}:2`, lines: 5 },
    { place: `${path}:3`, lines: 3 },
  ]);
});

test('lines of a file are counted without the last line break', () => {
  expect(measureSource(path, 'a;\nb;\n').lines).toBe(2);
});
