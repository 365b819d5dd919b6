import { join } from 'node:path';
import ts from 'typescript';
import { describeDiagnostic, repositoryOptions } from './compiler.js';
import { entryPoints, root, type EntryPoint, type Package } from './walk.js';

/** One exported name of an entry point. */
export interface ApiExport {
  readonly name: string;
  readonly isDocumented: boolean;
  /** The declaration as the compiler emits it, comments removed. */
  readonly declaration: string;
}

/** The exports of one entry point, by name. */
export interface EntryApi {
  readonly specifier: string;
  readonly exports: readonly ApiExport[];
}

/** What one compilation says of the packages' declarations. */
export interface PublicApi {
  /** Entry points by package name. */
  readonly entries: ReadonlyMap<string, readonly EntryApi[]>;
  /** Exports whose types the compiler would have to infer across files, as `path:line message`. */
  readonly inferred: readonly string[];
}

/** Reads the public API of packages from their sources, in one compilation. */
export function readPublicApi(packages: readonly Package[]): PublicApi {
  const entries = packages.flatMap((pack) =>
    entryPoints(pack).map((entry) => ({ ...entry, name: pack.manifest.name, path: join(pack.folder, entry.source) })),
  );
  const program = createProgram(entries.map(({ path }) => path));
  const declarations = emitDeclarations(program);
  const byPackage = new Map<string, EntryApi[]>();
  for (const entry of entries) {
    const api = { specifier: entry.specifier, exports: readEntry(program, declarations, entry) };
    byPackage.set(entry.name, [...(byPackage.get(entry.name) ?? []), api]);
  }
  return { entries: byPackage, inferred: program.getDeclarationDiagnostics().map(describeDiagnostic) };
}

/** The snapshot text of a package: a heading an entry point, then its declarations sorted by exported name. */
export function formatApi(entries: readonly EntryApi[]): string {
  return entries
    .map(({ specifier, exports }) => [`# ${specifier}`, ...exports.map(({ declaration }) => declaration)].join('\n\n'))
    .join('\n\n')
    .concat('\n');
}

function createProgram(paths: readonly string[]): ts.Program {
  return ts.createProgram(paths, {
    ...repositoryOptions(),
    noEmit: false,
    allowImportingTsExtensions: false,
    declaration: true,
    isolatedDeclarations: true,
    emitDeclarationOnly: true,
  });
}

// Keyed by source path. Doc comments are kept here and dropped when a declaration is printed.
function emitDeclarations(program: ts.Program): ReadonlyMap<string, ts.SourceFile> {
  const files = new Map<string, ts.SourceFile>();
  const write: ts.WriteFileCallback = (path, text, _mark, _onError, sources) => {
    const source = sources?.[0];
    if (source === undefined) return;
    files.set(source.fileName, ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  };
  program.emit(undefined, write, undefined, true);
  return files;
}

function readEntry(
  program: ts.Program,
  declarations: ReadonlyMap<string, ts.SourceFile>,
  entry: EntryPoint & { readonly path: string },
): readonly ApiExport[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry.path);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) return [];
  return checker
    .getExportsOfModule(module)
    .map((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      return {
        name: exported.name,
        isDocumented: symbol.getDocumentationComment(checker).length > 0,
        declaration: printDeclaration(exported.name, symbol, declarations),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function printDeclaration(
  name: string,
  symbol: ts.Symbol,
  declarations: ReadonlyMap<string, ts.SourceFile>,
): string {
  const files = new Set((symbol.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName));
  const texts = [...files].flatMap((path) => {
    const file = declarations.get(path);
    return (file?.statements ?? [])
      .filter((statement) => declares(statement, symbol.name))
      .map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, file ?? statement.getSourceFile()));
  });
  // A name of another library has no declaration here.
  const text = texts.length === 0 ? `export { ${name} };` : texts.join('\n').replaceAll('export declare ', 'export ');
  return symbol.name === name ? text : `// as ${name}\n${text}`;
}

const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name);
  }
  return (
    (ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isModuleDeclaration(statement)) &&
    statement.name?.getText() === name
  );
}

/** Path of the committed snapshot of a package's API. */
export function snapshotPath(room: string): string {
  return join(root, 'tests', 'api', `${room}.api.txt`);
}
