import { join } from 'node:path';
import ts from 'typescript';
import { root } from './walk.js';

/** The compiler options of the repository's tsconfig.json, which resolve packages to their sources. */
export function repositoryOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root).options;
}

/** Compiler messages on `files`, texts by absolute path that need not exist on disk, as `path:line message`. */
export function compileTexts(files: ReadonlyMap<string, string>): readonly string[] {
  const options = repositoryOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path) ?? readFile(path);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return diagnostics.map(describeDiagnostic);
  });
}

/** A compiler message as `path:line message`, the path relative to the repository. */
export function describeDiagnostic({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return message;
  const path = file.fileName.slice(root.length);
  return `${path}:${file.getLineAndCharacterOfPosition(start).line + 1} ${message}`;
}
