import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { isLibraryFile, listSourceFiles } from '../tools/source-files.js';
import { compileTexts } from './compiler.js';
import { listDocuments } from './documents.js';
import { jsdocSnippets, markdownSnippets, type Snippet } from './snippets.js';
import { listPackages, root, runCommand, type CommandResult } from './walk.js';

const readmes = ['README.md', ...listPackages().map(({ room }) => `packages/${room}/README.md`)];
const inPages = listDocuments().flatMap((page) => markdownSnippets(page, read(page)));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function compileSnippets(snippets: readonly Snippet[]): readonly string[] {
  const messages = compileTexts(new Map(snippets.map(({ path, code }) => [join(root, path), code])));
  const places = new Map(snippets.map(({ path, place }) => [path, place]));
  return messages.map((message) => message.replace(/^[^:]+/, (path) => places.get(path) ?? path));
}

function runSnippet({ code }: Snippet): Promise<CommandResult> {
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  const flags = ['--conditions=@align-squad/source', '--import', 'tsx', '--input-type=module'];
  return runCommand(process.execPath, [...flags, '--eval', outputText]);
}

test('the ts blocks of a Markdown text are found, other blocks are not', () => {
  const text = 'a\n```ts\nb;\n```\n```sh\nc\n```\n1. d\n   ```ts\n   e;\n     f;\n   ```\n';
  expect(markdownSnippets('packages/core/README.md', text)).toMatchObject([
    { place: 'packages/core/README.md:3', code: 'b;\n\nexport {};\n' },
    { place: 'packages/core/README.md:10', code: 'e;\n  f;\n\nexport {};\n' },
  ]);
});

test('a text block that follows a ts block is its output', () => {
  const text = '```ts\na;\n```\n\n```text\nb\n```\n\n```ts\nc;\n```\n\nWords.\n\n```text\nd\n```\n';
  expect(markdownSnippets('README.md', text).map(({ output }) => output)).toEqual(['b\n', undefined]);
});

test('the examples of doc comments are found, with and without a fence', () => {
  const text = '/**\n * Doc.\n * @example\n * ```ts\n * a;\n * ```\n */\nexport const b = 1;\n/** @example c; */\nexport const d = 1;\n';
  expect(jsdocSnippets('packages/core/src/x.ts', text).map(({ code }) => code.split('\n')[0])).toEqual(['a;', 'c;']);
});

test('a block that misuses a package or names what it does not export is reported', () => {
  const code = "import { promptText, unheardOf } from '@align-squad/core';\nconst n: number = promptText('a');\n";
  const messages = compileSnippets(markdownSnippets('README.md', `\`\`\`ts\n${code}\`\`\`\n`));
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain("no exported member 'unheardOf'");
  expect(messages[1]).toContain('not assignable');
});

test('the repository and every package have a README', () => {
  expect(readmes.filter((page) => !existsSync(join(root, page)))).toEqual([]);
});

test('every ts block of the documents and every example in a doc comment compiles', () => {
  const inComments = listSourceFiles(root)
    .filter(isLibraryFile)
    .flatMap((path) => jsdocSnippets(path, read(path)));
  expect(inPages.length).toBeGreaterThan(0);
  expect(inComments.length).toBeGreaterThan(0);
  expect(compileSnippets([...inPages, ...inComments])).toEqual([]);
});

test('there are examples with an output to compare', () => {
  expect(inPages.some(({ output }) => output !== undefined)).toBe(true);
});

test.each(inPages.filter(({ output }) => output !== undefined))('the block at $place prints what stands below it', async (snippet) => {
  expect(await runSnippet(snippet)).toEqual({ status: 0, stderr: '', stdout: snippet.output });
});
