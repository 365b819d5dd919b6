import { AlignSquadError } from '@align-squad/core';
import type { ExportCounts } from '@align-squad/train';
import type { CliIo } from './io.js';
import { createStyle, type Style } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** Options of `export` as the command line gives them: texts, not yet checked. */
export interface RawExportOptions {
  readonly data?: readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Options of an export before their check; `exportRecords` refuses what is wrong in them. */
export interface UncheckedExportOptions {
  readonly format: string;
  readonly out: string;
  readonly signal: AbortSignal;
}

const reasons: Readonly<Record<keyof ExportCounts['leftOut'], string>> = {
  identities: 'identities',
  zeroWeights: 'of weight 0',
  markers: 'that spell a marker',
};

/** `align-squad export`: from a dataset to a file that another trainer reads; gives the exit code. */
export async function runExport({ data, format, out, json }: RawExportOptions, io: CliIo): Promise<number> {
  if (data === undefined) throw missing('--data FILE');
  if (format === undefined) throw missing('--format NAME');
  if (out === undefined) throw missing('--out FILE');
  const counts = await io.exportRecords(data, { format, out, signal: io.signal });
  const write = createWriter(io.stdout);
  await write(json === true ? jsonLine({ out, ...counts }) : describe(out, counts, createStyle(io.stdout, io.env)));
  return 0;
}

function describe(out: string, { written, leftOut }: ExportCounts, style: Style): string {
  // Object.entries forgets which keys there are.
  const entries = Object.entries(leftOut) as [keyof ExportCounts['leftOut'], number][];
  const left = entries.filter(([, count]) => count > 0).map(([reason, count]) => [`left out, ${reasons[reason]}`, count] as const);
  const rows = [['written', written] as const, ...left];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${[`${style.bold('file')} ${visible(out)}`, ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${count}`)].join('\n')}\n`;
}

function missing(option: string): AlignSquadError {
  return new AlignSquadError(`Expected \`${option}\`.`, { code: 'invalid-options' });
}
