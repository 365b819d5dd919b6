import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AlignSquadError } from '@align-squad/core';
import { parseTriples, type TripleRecord } from '@align-squad/eval';

/** Triples with the hash of the file that they come from. */
export interface TripleFile {
  readonly records: readonly TripleRecord[];
  readonly sha256: string;
}

/**
 * Reads a file of triples.
 * @throws AlignSquadError `invalid-dataset` when it can't be read, has no record, or a line is faulty.
 */
export async function readTriples(file: string | URL): Promise<TripleFile> {
  const bytes = await read(file);
  const records = parseTriples(bytes.toString('utf8'));
  if (records.length === 0) throw new AlignSquadError('The data file has no records.', { code: 'invalid-dataset' });
  return { records, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function read(file: string | URL): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new AlignSquadError(`Could not read the data file ${String(file)}.`, { code: 'invalid-dataset', cause });
  }
}

/** The records whose prompt another set has too: a leak when that set was trained on. */
export function countSharedPrompts(records: readonly TripleRecord[], others: readonly TripleRecord[]): number {
  const prompts = new Set(others.map(({ prompt }) => prompt));
  return records.filter(({ prompt }) => prompts.has(prompt)).length;
}
