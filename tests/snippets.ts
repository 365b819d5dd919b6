import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Code in prose: where it stands, and the path of the file that it is compiled as. */
export interface Snippet {
  /** `path:line` of the first line of code. */
  readonly place: string;
  readonly path: string;
  readonly code: string;
  /** What it prints: the ```text block that follows it, where there is one. */
  readonly output?: string | undefined;
}

const fence = /^( *)```(?:ts|typescript)\b[^\n]*\n(.*?)^ *```/gms;

/** The ```ts blocks of a Markdown text. Each is compiled as a module of its own, beside the file that holds it. */
export function markdownSnippets(path: string, text: string): readonly Snippet[] {
  return [...text.matchAll(fence)].map((match) => {
    const indent = (match[1] ?? '').length;
    const code = (match[2] ?? '')
      .split('\n')
      .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)))
      .join('\n');
    const output = outputAfter(text.slice(match.index + match[0].length));
    return { ...snippet(path, lineAt(text, match.index) + 1, code), ...(output === undefined ? {} : { output }) };
  });
}

function outputAfter(rest: string): string | undefined {
  return /^\s*```text\n(.*?)```/s.exec(rest)?.[1];
}

/** The `@example` tags of a source text; one with a ```ts block is its block, one without is code as a whole. */
export function jsdocSnippets(path: string, text: string): readonly Snippet[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const tags = new Set<ts.JSDocTag>();
  const visit = (node: ts.Node): void => {
    for (const tag of ts.getJSDocTags(node)) if (tag.tagName.text === 'example') tags.add(tag);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...tags].flatMap((tag) => {
    const line = file.getLineAndCharacterOfPosition(tag.getStart(file)).line + 1;
    const body = ts.getTextOfJSDocComment(tag.comment) ?? '';
    const blocks = markdownSnippets(path, `${body}\n`).map(({ code }) => code);
    const codes = blocks.length === 0 && !body.includes('```') ? [body] : blocks;
    return codes.map((code, index) => snippet(path, line + index, code));
  });
}

function snippet(path: string, line: number, code: string): Snippet {
  const name = (path.split('/').at(-1) ?? '').replaceAll('.', '-');
  // `export {}` makes a block without imports a module, so that blocks do not share names.
  return { place: `${path}:${line}`, path: join(dirname(path), `.snippet-${name}-${line}.ts`), code: `${code}\nexport {};\n` };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
