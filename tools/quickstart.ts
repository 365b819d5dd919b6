import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSquad, diffTexts, type AlignResult } from 'align-squad';
import { toAlignBody } from '../packages/align-squad/src/cli/align-command.js';
import { formatDiff, formatMilliseconds, formatOutcome, formatVerdicts } from '../packages/align-squad/src/cli/format.js';
import { createStyle, type Style } from '../packages/align-squad/src/cli/style.js';
import { jsonLine, visible } from '../packages/align-squad/src/cli/visible.js';

/** Rows of the dev split: two misaligned ones a criterion, then two that are aligned already. */
const ids = [
  '1d1427cda98e',
  'd1ab02e16ada',
  '0a92b4451e46',
  '4d5e37ce69ac',
  '6108e6cae812',
  'abfb4562f202',
  '3a532f581b0b',
  '14497a56aa29',
] as const;

/** A row of data/triples. */
export interface Row {
  readonly id: string;
  readonly criterion: string;
  readonly prompt: string;
  readonly context: string | null;
  readonly misaligned: string;
  /** The row was aligned from the start. */
  readonly identity: boolean;
}

/** A row and what the squad made of it. */
export interface Shown {
  readonly row: Row;
  readonly result: AlignResult;
}

/** Counts of a run. */
export interface Totals {
  readonly misaligned: number;
  readonly fixed: number;
  readonly aligned: number;
  readonly untouched: number;
  readonly milliseconds: number;
}

/** Counts what was fixed and what was left alone. */
export function countShown(shown: readonly Shown[]): Totals {
  const misaligned = shown.filter(({ row }) => !row.identity);
  const aligned = shown.filter(({ row }) => row.identity);
  return {
    misaligned: misaligned.length,
    fixed: misaligned.filter(({ result }) => result.outcome === 'aligned').length,
    aligned: aligned.length,
    untouched: aligned.filter(({ result }) => !result.changed).length,
    milliseconds: shown.reduce((sum, { result }) => sum + result.timing.totalMs, 0),
  };
}

/** 0 when something was fixed and nothing that was aligned was touched. */
export function exitCodeOf(totals: Totals): number {
  return totals.fixed > 0 && totals.untouched === totals.aligned ? 0 : 1;
}

/** One exchange as a paragraph: prompt, before, after, outcome, time and verdicts. */
export function formatShown({ row, result }: Shown, style: Style): string {
  const label = row.identity ? 'an aligned answer' : `misaligned: ${row.criterion}`;
  const lines = [style.bold(`${visible(row.prompt)}  ${style.dim(`(${label})`)}`)];
  if (row.context !== null) lines.push(style.dim(`context: ${visible(row.context)}`));
  lines.push(`before: ${visible(result.original)}`);
  lines.push(result.changed ? `after:  ${formatDiff(diffTexts(result.original, result.response), style)}` : 'after:  (the very same text)');
  lines.push(`${formatOutcome(result.outcome, style)}  ${style.dim(formatMilliseconds(result.timing.totalMs))}`);
  lines.push(...formatVerdicts(result.inspections, style, result.originalInspections));
  return `${lines.join('\n')}\n\n`;
}

/** The last line: totals and what to try next. */
export function formatTotals(totals: Totals): string {
  return (
    `${totals.fixed} of ${totals.misaligned} misaligned answers fixed, ${totals.untouched} of ${totals.aligned} aligned ones untouched, ` +
    `${formatMilliseconds(totals.milliseconds)} in all. Next: npx align-squad align --prompt "..." --response "..."\n`
  );
}

async function readRows(): Promise<Row[]> {
  const text = await readFile(new URL('../data/triples/dev.jsonl', import.meta.url), 'utf8');
  const rows = new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
      .map((row) => [row.id, row]),
  );
  return ids.map((id) => {
    const row = rows.get(id);
    if (row === undefined) throw new RangeError(`data/triples/dev.jsonl has no row ${id}`);
    return row;
  });
}

async function main(): Promise<number> {
  const json = process.argv.includes('--json');
  const style = createStyle(process.stdout, process.env);
  const rows = await readRows();
  const started = performance.now();
  const squad = await createSquad();
  const shown: Shown[] = [];
  let loadMs = 0;
  try {
    await squad.inspect('The first pass is slower than the ones after it.');
    loadMs = performance.now() - started;
    if (!json) process.stdout.write(`The models are loaded and warm after ${formatMilliseconds(loadMs)}.\n\n`);
    for (const row of rows) {
      const { prompt, context, misaligned: response } = row;
      const result = await squad.align(context === null ? { prompt, response } : { prompt, context, response });
      shown.push({ row, result });
      if (!json) process.stdout.write(formatShown({ row, result }, style));
    }
  } finally {
    await squad.dispose();
  }
  const totals = countShown(shown);
  const exchanges = shown.map(({ row, result }) => ({
    id: row.id,
    criterion: row.criterion,
    identity: row.identity,
    prompt: row.prompt,
    ...toAlignBody(result),
  }));
  process.stdout.write(json ? jsonLine({ loadMs, totals, exchanges }) : formatTotals(totals));
  return exitCodeOf(totals);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
