import { stringify } from 'csv-stringify';
import type { Triple } from '../records/records.js';
import type { TripleSource, WriteOptions } from './whole-file.js';
import { writeTextStream } from './write-stream.js';

/** Options of `writeCsv`. */
export interface CsvOptions extends WriteOptions {
  /**
   * Puts `'` before a field that a spreadsheet would run as a formula, such as one that begins with `=` or `-`. It changes
   * those texts, so it is for people who read the file in a spreadsheet and not for training. @default false
   */
  readonly escapeFormulas?: boolean | undefined;
}

type CsvColumn = readonly [name: string, value: (triple: Triple) => string | boolean | undefined];

const columns: readonly CsvColumn[] = [
  ['input', ({ prompt }) => prompt],
  ['initial_response', ({ misaligned }) => misaligned],
  ['response_problems', ({ critique }) => critique],
  ['aligned_response', ({ aligned }) => aligned],
  ['question_type', ({ questionType }) => questionType],
  ['topic', ({ topic }) => topic],
  ['context', ({ context }) => context],
  ['id', ({ id }) => id],
  ['criterion', ({ criterion }) => criterion],
  ['identity', ({ identity }) => identity],
  ['adversarial', ({ adversarial }) => adversarial],
  ['images', ({ images }) => images && JSON.stringify(images)],
];

/**
 * Writes triples as CSV (RFC 4180, UTF-8, a header) in the columns of the paper's released code, a record at a time:
 * `input`, `initial_response`, `response_problems` and `aligned_response` are x, y, the critique and y' as its
 * aligner training reads them (its generation notebooks spell the last one `corrected_reponse`), `question_type` and `topic` are
 * those of its question files. Ours follow, so that no field is lost: `context`, `id`, `criterion`, `identity` and `adversarial`
 * (`true`, `false`), `images` (JSON). What a triple lacks is empty. The file appears whole or not at all; returns how many
 * records it has.
 * @throws AlignSquadError `invalid-options` when the file can't be written; what `triples` throws; the signal's reason.
 */
export function writeCsv(path: string, triples: TripleSource, { escapeFormulas = false, signal }: CsvOptions = {}): Promise<number> {
  const transform = stringify({
    header: true,
    columns: columns.map(([name]) => name),
    record_delimiter: '\r\n',
    // On its own the library quotes line breaks only when they are the record's delimiter.
    quoted_match: /[\r\n]/u,
    escape_formulas: escapeFormulas,
  });
  return writeTextStream(path, triples, { toChunk: (triple) => columns.map(([, value]) => String(value(triple) ?? '')), transform, signal });
}
