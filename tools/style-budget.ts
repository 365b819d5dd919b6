import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLibraryFile, isTestFile, listSourceFiles } from './source-files.js';
import { measureSource, type FileMeasure } from './style-measure.js';

/** One line of the budget: a measure, its limit, and the places that break it. */
export interface BudgetRow {
  readonly measure: string;
  readonly value: string;
  readonly limit: string;
  readonly isMet: boolean;
  readonly places: readonly string[];
}

/** The limits that this tool and the linter share (style-limits.json). */
export interface StyleLimits {
  readonly maxFileLines: number;
  readonly p90FileLines: number;
  readonly maxFunctionLines: number;
  /** Folders of data tables, which have no line limit. */
  readonly dataTables: readonly string[];
}

/** Holds measured files to the limits. No files at all is never within the budget. */
export function computeBudget(files: readonly FileMeasure[], limits: StyleLimits): readonly BudgetRow[] {
  const library = files.filter((file) => isLibraryFile(file.path));
  const code = files.filter((file) => !limits.dataTables.some((folder) => file.path.startsWith(folder)));
  const lines = code.map((file) => file.lines).sort((a, b) => a - b);
  const p90 = lines[Math.max(0, Math.ceil(lines.length * 0.9) - 1)] ?? 0;
  const functions = files.filter((file) => !isTestFile(file.path)).flatMap((file) => file.functions);
  const exported = library.reduce((sum, file) => sum + file.exports, 0);
  const undocumented = library.flatMap((file) => file.undocumented);
  return [
    { measure: 'source files', value: String(files.length), limit: '>= 1', isMet: files.length > 0, places: [] },
    noneOf('any', files.flatMap((file) => file.anys)),
    noneOf('bare Error', library.flatMap((file) => file.bareErrors)),
    noneOf('non-null !', files.flatMap((file) => file.nonNulls)),
    {
      measure: 'exports documented',
      value: `${exported - undocumented.length} of ${exported}`,
      limit: '100 %',
      isMet: undocumented.length === 0,
      places: undocumented,
    },
    {
      measure: 'file lines, p90',
      value: String(p90),
      limit: `<= ${limits.p90FileLines}`,
      isMet: p90 <= limits.p90FileLines,
      places: [],
    },
    atMost('file lines, max', limits.maxFileLines, code.map((file) => ({ place: file.path, lines: file.lines }))),
    atMost('function lines, max', limits.maxFunctionLines, functions),
  ];
}

/** The budget as a text table; rows that are over are followed by their places. */
export function formatBudget(rows: readonly BudgetRow[]): string {
  const table = rows.flatMap((row) => [
    `${row.measure.padEnd(22)}${row.value.padStart(12)}  ${row.limit.padEnd(8)}${row.isMet ? 'ok' : 'OVER'}`,
    ...(row.isMet ? [] : row.places.map((place) => `  ${place}`)),
  ]);
  return [`${'style budget'.padEnd(22)}${'measured'.padStart(12)}  limit`, ...table].join('\n');
}

function noneOf(measure: string, places: readonly string[]): BudgetRow {
  return { measure, value: String(places.length), limit: '0', isMet: places.length === 0, places };
}

function atMost(
  measure: string,
  limit: number,
  sizes: readonly { readonly place: string; readonly lines: number }[],
): BudgetRow {
  const over = sizes.filter((size) => size.lines > limit);
  return {
    measure,
    value: String(sizes.reduce((most, size) => Math.max(most, size.lines), 0)),
    limit: `<= ${limit}`,
    isMet: over.length === 0,
    places: over.map((size) => `${size.place} ${size.lines}`),
  };
}

function main(root: string): void {
  const here = fileURLToPath(new URL('./style-limits.json', import.meta.url));
  // A file of this folder, with the shape of the interface.
  const limits = JSON.parse(readFileSync(here, 'utf8')) as StyleLimits;
  const files = listSourceFiles(root).map((path) => measureSource(path, readFileSync(join(root, path), 'utf8')));
  const rows = computeBudget(files, limits);
  process.stdout.write(`${formatBudget(rows)}\n`);
  if (rows.some((row) => !row.isMet)) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(resolve(process.argv[2] ?? '.'));
