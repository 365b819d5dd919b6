import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { isLibraryFile, listSourceFiles } from '../tools/source-files.js';
import { listPackages, root } from './walk.js';

// A room imports from rooms before it.
const order = ['core', 'llm', 'llama', 'onnx', 'inspector', 'aligner', 'squad', 'datagen', 'eval', 'train', 'pack-en', 'embedded', 'openai', 'ai-sdk', 'langchain', 'agents', 'http', 'mcp', 'server', 'align-squad'];
const modelLibraries = ['onnxruntime-node', 'onnxruntime-web', '@huggingface/'];

interface Import {
  readonly path: string;
  readonly room: string;
  readonly name: string;
  /** Loaded with the file, so neither a type import nor an `import()`. */
  readonly isEager: boolean;
}

function importsOf(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const room = path.split('/')[1] ?? '';
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isEager: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    found.push({ path, room, name: packageName(specifier.text), isEager });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly !== true);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, !node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found.filter(({ name }) => name !== '');
}

function packageName(specifier: string): string {
  if (specifier.startsWith('.')) return '';
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:');
}

function roomOf(name: string): string | undefined {
  if (name === 'align-squad') return name;
  return name.startsWith('@align-squad/') ? name.slice('@align-squad/'.length) : undefined;
}

function isAllowed({ room, name }: Import): boolean {
  const target = roomOf(name);
  if (target === undefined || target === room) return true;
  const position = order.indexOf(target);
  return position >= 0 && position < order.indexOf(room);
}

const describeImport = ({ path, name }: Import): string => `${path} imports ${name}`;
const isModelLibrary = (name: string): boolean => modelLibraries.some((library) => name.startsWith(library));
const all = listSourceFiles(root)
  .filter((path) => path.startsWith('packages/'))
  .flatMap((path) => importsOf(path, readFileSync(join(root, path), 'utf8')));
const library = all.filter((found) => isLibraryFile(found.path));

test('every form of import is found', () => {
  const text = [
    "import { a } from '@align-squad/core';",
    "import type { B } from '@align-squad/core/testing';",
    "export { c } from 'c/sub';",
    "const d = await import('onnxruntime-node');",
    "type E = import('e').E;",
    "import './local.js';",
  ].join('\n');
  expect(importsOf('packages/squad/src/x.ts', text).map(({ name, isEager }) => [name, isEager])).toEqual([
    ['@align-squad/core', true],
    ['@align-squad/core', false],
    ['c', true],
    ['onnxruntime-node', false],
    ['e', false],
  ]);
});

test.each([
  ['core', '@align-squad/onnx'],
  ['inspector', '@align-squad/squad'],
  ['eval', 'align-squad'],
  ['squad', '@align-squad/unheard-of'],
])('an import from %s of %s is against the direction', (room, name) => {
  expect(isAllowed({ path: '', room, name, isEager: true })).toBe(false);
});

test('every package has a place in the order', () => {
  expect(listPackages().map(({ room }) => room).filter((room) => !order.includes(room))).toEqual([]);
});

test('packages import only from packages before them', () => {
  expect(all.some(({ name }) => roomOf(name) !== undefined)).toBe(true);
  expect(all.filter((found) => !isAllowed(found)).map(describeImport)).toEqual([]);
});

// A classifier of others is run by the library that it was published for.
const runsClassifiers = ({ room, name }: Import): boolean => room === 'inspector' && name === '@huggingface/transformers';

test('only onnx imports the model libraries, and the classifier inspector transformers.js', () => {
  expect(all.some(({ name }) => isModelLibrary(name))).toBe(true);
  expect(all.some(runsClassifiers)).toBe(true);
  const foreign = all.filter((found) => found.room !== 'onnx' && isModelLibrary(found.name) && !runsClassifiers(found));
  expect(foreign.map(describeImport)).toEqual([]);
});

test('the model libraries are loaded only when they are needed', () => {
  expect(library.filter(({ name, isEager }) => isEager && isModelLibrary(name)).map(describeImport)).toEqual([]);
});

test('core imports nothing but zod', () => {
  const foreign = library.filter(({ room, name }) => room === 'core' && !isBuiltin(name) && name !== 'zod');
  expect(foreign.map(describeImport)).toEqual([]);
});

test('library code imports only what its package declares', () => {
  const declared = new Map(
    listPackages().map(({ room, manifest }) => [
      room,
      new Set([manifest.name, ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })]),
    ]),
  );
  const undeclared = library.filter(({ room, name }) => !isBuiltin(name) && declared.get(room)?.has(name) !== true);
  expect(undeclared.map(describeImport)).toEqual([]);
});
