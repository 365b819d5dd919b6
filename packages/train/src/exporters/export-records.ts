import { realpath } from 'node:fs/promises';
import { AlignSquadError, parseWith } from '@align-squad/core';
import { z } from 'zod';
import { describeSource, type RecordSource } from '../data/json-lines.js';
import { readAlignerRecords, type AlignerRecord } from '../data/read-records.js';
import { exportFormats, reasonToLeaveOut, type ExportFormat, type LeftOut } from './export-format.js';
import { writeLines } from './write-lines.js';

export type { RecordSource } from '../data/json-lines.js';

/** Options of `exportRecords`. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /** The file to write; a former one of that name is replaced. */
  readonly out: string;
  readonly signal?: AbortSignal | undefined;
}

/** What an export wrote. */
export interface ExportCounts {
  /** Lines of the file. */
  readonly written: number;
  readonly leftOut: LeftOut;
}

// `Object.keys` says string, but these are the table's own keys.
const formats = Object.keys(exportFormats) as ExportFormat[];

const optionsSchema: z.ZodType<Omit<ExportOptions, 'signal'>> = z.strictObject({
  format: z.enum(formats),
  out: z.string().min(1),
});

/**
 * Writes aligner records, the corrections and triples that `train` reads, as a JSON Lines file for training elsewhere.
 * The file appears whole or not at all; lines are in the order of the records. Weights other than 0 are not carried over.
 * @throws AlignSquadError `invalid-options` naming the option, or for a file that can't be read or written;
 * `invalid-dataset` naming file, line and field, or when nothing is left to write; the signal's reason.
 * @example
 * ```ts
 * import { exportRecords } from '@align-squad/train';
 *
 * const { written, leftOut } = await exportRecords('triples.jsonl', { format: 'preference', out: 'preference.jsonl' });
 * console.log(written, leftOut.identities);
 * ```
 */
export async function exportRecords(source: RecordSource, { signal, ...rest }: ExportOptions): Promise<ExportCounts> {
  const { format, out } = parseWith(optionsSchema, rest, { what: 'the options of `exportRecords`', code: 'invalid-options' });
  signal?.throwIfAborted();
  await requireOtherFile(source, out);
  const { records } = await readAlignerRecords(source, { signal });
  const leftOut: Record<keyof LeftOut, number> = { identities: 0, zeroWeights: 0, markers: 0 };
  const kept = records.filter((record) => {
    const reason = reasonToLeaveOut(record, format);
    if (reason !== undefined) leftOut[reason] += 1;
    return reason === undefined;
  });
  if (kept.length === 0) throw nothingLeft(source, leftOut);
  await writeLines(out, linesOf(kept, format), { signal });
  return { written: kept.length, leftOut };
}

function* linesOf(records: readonly AlignerRecord[], format: ExportFormat): Generator<object> {
  for (const record of records) yield exportFormats[format].toLine(record);
}

/** Refuses to replace the data by what is made of it. */
async function requireOtherFile(source: RecordSource, out: string): Promise<void> {
  const target = await realPath(out);
  const items: unknown = typeof source === 'string' ? [source] : source;
  if (target === undefined || !Array.isArray(items)) return;
  const files = await Promise.all(items.filter((item) => typeof item === 'string').map(realPath));
  if (files.includes(target)) throw new AlignSquadError('Expected `out` to be another file than the data.', { code: 'invalid-options' });
}

/** Undefined for a file that is not there; reading or writing it says what is wrong. */
function realPath(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

function nothingLeft(source: RecordSource, { identities, zeroWeights, markers }: LeftOut): AlignSquadError {
  return new AlignSquadError(
    `Expected records in ${describeSource(source)} that the format can hold, got only ${identities} identities, ${zeroWeights} of weight 0 and ${markers} that spell a marker.`,
    { code: 'invalid-dataset' },
  );
}
