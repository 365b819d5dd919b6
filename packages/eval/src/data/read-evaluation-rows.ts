import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AlignSquadError } from '@align-squad/core';
import { parseEvaluationRows, type EvaluationRow, type EvaluationRowsOptions } from './evaluation-rows.js';

/** The rows of files, with which data they are. */
export interface EvaluationData {
  readonly rows: readonly EvaluationRow[];
  /** Names of the files, without their folders. */
  readonly files: readonly string[];
  /** SHA-256 of the text of all files, one after the other. */
  readonly sha256: string;
}

/** Options of `readEvaluationRows`. */
export interface ReadEvaluationRowsOptions extends Omit<EvaluationRowsOptions, 'name'> {
  readonly signal?: AbortSignal | undefined;
}

const inflate = promisify(gunzip);

/**
 * Reads files of JSON Lines as `parseEvaluationRows` does; a file whose name ends in .gz is gunzipped.
 * @throws AlignSquadError `invalid-options` for a file that can't be read, `invalid-dataset` for one that is not UTF-8, not
 * gzipped, has a faulty line, which is named, or when there is no row at all; the signal's reason.
 */
export async function readEvaluationRows(files: readonly string[], options: ReadEvaluationRowsOptions = {}): Promise<EvaluationData> {
  const { criterion, signal } = options;
  const hash = createHash('sha256');
  const rows: EvaluationRow[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    const name = basename(file);
    const bytes = await readBytes(file, name, signal);
    hash.update(bytes);
    for (const row of parseEvaluationRows(decode(bytes, name), { criterion, name })) rows.push(row);
  }
  if (rows.length === 0) throw new AlignSquadError('Expected one or more records in the data, got none.', { code: 'invalid-dataset' });
  return { rows, files: files.map((file) => basename(file)), sha256: hash.digest('hex') };
}

async function readBytes(file: string, name: string, signal: AbortSignal | undefined): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no error code';
    throw new AlignSquadError(`The data file ${name} could not be read (${code}).`, { code: 'invalid-options', cause: error });
  }
  if (!file.endsWith('.gz')) return bytes;
  try {
    return await inflate(bytes);
  } catch (error) {
    throw new AlignSquadError(`Expected ${name} to be gzipped.`, { code: 'invalid-dataset', cause: error });
  }
}

function decode(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new AlignSquadError(`Expected ${name} to be UTF-8.`, { code: 'invalid-dataset', cause: error });
  }
}
