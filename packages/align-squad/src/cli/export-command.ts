import type { ExportedDataset } from '@align-squad/datagen';
import type { ExportCounts } from '@align-squad/train';
import type { CliIo } from './io.js';
import { invalidOption, requiredOption } from './option-values.js';
import { createStyle, type Style } from './style.js';
import { jsonLine, visible } from './visible.js';
import { createWriter } from './writer.js';

/** Options of `export` as the command line gives them: texts, not yet checked. */
export interface RawExportOptions {
  readonly data?: readonly string[] | undefined;
  readonly dir?: string | undefined;
  readonly format?: string | undefined;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Options of an export before their check; the libraries refuse what is wrong in them. */
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

// These are of a whole dataset with its parts; the others are of records.
const datasetFormats = new Set(['csv', 'parquet']);

/** `align-squad export`: from a dataset to files that other tools read; gives the exit code. */
export async function runExport(raw: RawExportOptions, io: CliIo): Promise<number> {
  const { data, dir, json } = raw;
  const format = requiredOption(raw.format, '--format NAME');
  const isDataset = datasetFormats.has(format);
  if (isDataset ? data !== undefined : dir !== undefined) throw invalidOption('Expected `--dir FOLDER` with the formats csv and parquet, and `--data FILE` with the others.');
  const out = requiredOption(raw.out, isDataset ? '--out FOLDER' : '--out FILE');
  const options = { format, out, signal: io.signal };
  const write = createWriter(io.stdout);
  const style = createStyle(io.stdout, io.env);
  if (isDataset) {
    const counts = await io.exportDataset(requiredOption(dir, '--dir FOLDER'), options);
    await write(json === true ? jsonLine({ out, ...counts }) : describeDataset(out, counts, style));
    return 0;
  }
  if (data === undefined) throw invalidOption('Expected the option `--data FILE`.');
  const counts = await io.exportRecords(data, options);
  await write(json === true ? jsonLine({ out, ...counts }) : describeRecords(out, counts, style));
  return 0;
}

function describeDataset(out: string, { train, dev }: ExportedDataset, style: Style): string {
  return `${style.bold('folder')} ${visible(out)}\n  train  ${train}\n  dev    ${dev}\n`;
}

function describeRecords(out: string, { written, leftOut }: ExportCounts, style: Style): string {
  // Object.entries forgets which keys there are.
  const entries = Object.entries(leftOut) as [keyof ExportCounts['leftOut'], number][];
  const left = entries.filter(([, count]) => count > 0).map(([reason, count]) => [`left out, ${reasons[reason]}`, count] as const);
  const rows = [['written', written] as const, ...left];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${[`${style.bold('file')} ${visible(out)}`, ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${count}`)].join('\n')}\n`;
}
