import { access, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlignSquadError, parseWith, toAlignSquadError } from '@align-squad/core';
import { z } from 'zod';
import { tripleSchema } from '../records/records.js';
import { readRecords } from '../run/json-lines.js';
import { partOf, writeError, type TripleSource, type WriteOptions } from './whole-file.js';
import { writeCsv } from './write-csv.js';
import { writeParquet } from './write-parquet.js';
import { writeJsonLines } from './write-stream.js';

/** A file format of a dataset. */
export type DatasetFormat = 'jsonl' | 'csv' | 'parquet';

/** Options of `exportDataset`. */
export interface ExportDatasetOptions extends WriteOptions {
  readonly format: DatasetFormat;
  /** Folder for train and dev, with the format as their extension; it is made when it is missing, and former files are replaced. */
  readonly out: string;
}

/** Records of an exported dataset. */
export interface ExportedDataset {
  readonly train: number;
  readonly dev: number;
}

const writers = { jsonl: writeJsonLines, csv: writeCsv, parquet: writeParquet } as const satisfies Record<
  DatasetFormat,
  (path: string, triples: TripleSource, options: WriteOptions) => Promise<number>
>;

const optionsSchema: z.ZodType<Omit<ExportDatasetOptions, 'signal'>> = z.strictObject({
  format: z.enum(['jsonl', 'csv', 'parquet']),
  out: z.string().min(1),
});

/**
 * Writes the dataset of a finished run in another file format, checked record by record: `out`/train and `out`/dev. Both files
 * appear when both are whole. For chat, preference and TRL files see `exportRecords` of `@align-squad/train`.
 * @throws AlignSquadError `invalid-options` for a run that has not finished, or when a file can't be written; `invalid-dataset`
 * naming file and line; the signal's reason.
 */
export async function exportDataset(folder: string, { signal, ...rest }: ExportDatasetOptions): Promise<ExportedDataset> {
  const { format, out } = parseWith(optionsSchema, rest, { what: 'the options of `exportDataset`', code: 'invalid-options' });
  signal?.throwIfAborted();
  const dataset = join(folder, 'dataset');
  await requireFinished(dataset);
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    throw writeError(out, error);
  });
  if ((await realpath(out)) === (await realpath(dataset))) {
    throw new AlignSquadError('Expected `out` to be another folder than that of the dataset.', { code: 'invalid-options' });
  }
  const parts = ['train', 'dev'].map((name) => {
    const path = join(out, `${name}.${format}`);
    return { source: `${name}.jsonl`, path, part: partOf(path) };
  });
  try {
    const counts: number[] = [];
    for (const { source, part } of parts) counts.push(await writers[format](part, readRecords(join(dataset, source), tripleSchema), { signal }));
    for (const { path, part } of parts) {
      await rename(part, path).catch((error: unknown) => {
        throw writeError(path, error);
      });
    }
    const [train = 0, dev = 0] = counts;
    return { train, dev };
  } finally {
    await Promise.all(parts.map(({ part }) => rm(part, { force: true })));
  }
}

/** The card is what a run writes last. */
async function requireFinished(dataset: string): Promise<void> {
  await Promise.all(['card.json', 'train.jsonl', 'dev.jsonl'].map((file) => access(join(dataset, file)))).catch((error: unknown) => {
    throw toAlignSquadError(error, 'The folder holds no finished run: expected dataset/card.json, train.jsonl and dev.jsonl in it.', 'invalid-options');
  });
}
