import ts from 'typescript';

/** What the style budget counts in one source file; the lists name places as `path:line`. */
export interface FileMeasure {
  readonly path: string;
  readonly lines: number;
  readonly anys: readonly string[];
  readonly bareErrors: readonly string[];
  readonly nonNulls: readonly string[];
  readonly exports: number;
  readonly undocumented: readonly string[];
  /** Lines of each function, longest first. */
  readonly functions: readonly { readonly place: string; readonly lines: number }[];
}

const errorClasses = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError']);

/** Measures one source text with the TypeScript parser; needs no type information. */
export function measureSource(path: string, text: string): FileMeasure {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const anys: string[] = [];
  const bareErrors: string[] = [];
  const nonNulls: string[] = [];
  const functions: { place: string; lines: number }[] = [];
  const line = (position: number): number => file.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node): void => {
    const start = line(node.getStart(file));
    const place = `${path}:${start}`;
    if (node.kind === ts.SyntaxKind.AnyKeyword) anys.push(place);
    if (isBareError(node)) bareErrors.push(place);
    if (isNonNull(node)) nonNulls.push(place);
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      functions.push({ place, lines: line(node.end) - start + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const exported = exportedDeclarations(file);
  return {
    path,
    lines: text === '' ? 0 : text.replace(/\n$/, '').split('\n').length,
    anys,
    bareErrors,
    nonNulls,
    exports: exported.length,
    undocumented: exported
      .filter(({ node }) => !isDocumented(node))
      .map(({ name, node }) => `${path}:${line(node.getStart(file))} ${name}`),
    functions: functions.sort((a, b) => b.lines - a.lines),
  };
}

function isBareError(node: ts.Node): boolean {
  return (
    (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    ts.isIdentifier(node.expression) &&
    errorClasses.has(node.expression.text)
  );
}

function isNonNull(node: ts.Node): boolean {
  if (ts.isNonNullExpression(node)) return true;
  return (
    (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) && node.exclamationToken !== undefined
  );
}

interface ExportedDeclaration {
  readonly name: string;
  readonly node: ts.Node;
}

// Re-exports are documented where they are declared, so only declarations count. An overload's first signature documents it.
function exportedDeclarations(file: ts.SourceFile): readonly ExportedDeclaration[] {
  const listed = new Set(file.statements.flatMap(locallyListedNames));
  const found = new Map<string, ts.Node>();
  for (const statement of file.statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    const isExported = modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false;
    for (const name of declaredNames(statement)) {
      if ((isExported || listed.has(name)) && !found.has(name)) found.set(name, statement);
    }
  }
  return [...found].map(([name, node]) => ({ name, node }));
}

function locallyListedNames(statement: ts.Statement): readonly string[] {
  if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier !== undefined) return [];
  const clause = statement.exportClause;
  if (clause === undefined || !ts.isNamedExports(clause)) return [];
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function declaredNames(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed ? [statement.name?.text ?? 'default'] : [];
}

function isDocumented(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc) && hasText(doc));
}

function hasText(doc: ts.JSDoc): boolean {
  return (ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '';
}
