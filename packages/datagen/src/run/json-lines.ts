import { createReadStream } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import type { z } from 'zod';

/**
 * The records of a file of the run, one after the other.
 * @throws AlignSquadError `invalid-dataset` naming file and line, without its text.
 */
export async function* readRecords<T>(path: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    yield parseLine(line, schema, () => `${basename(path)} line ${number}`);
  }
}

function parseLine<T>(line: string, schema: z.ZodType<T>, where: () => string): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch {
    // The error of the parser quotes the line.
    throw new AlignSquadError(`Expected ${where()} of the run folder to be a record: it was changed or damaged. Remove the file and start the run again.`, { code: 'invalid-dataset' });
  }
}

/** The value of a JSON text; undefined when it is none, which every schema refuses. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Writes records, a line each; the file appears whole or not at all. Returns how many there were.
 * @throws AlignSquadError `generator-failed` when it can't be written.
 */
export async function writeRecords(path: string, records: Iterable<object> | AsyncIterable<object>): Promise<number> {
  const part = `${path}.part`;
  let count = 0;
  const file = await open(part, 'w').catch((error: unknown) => {
    throw unwritable(error);
  });
  try {
    let waiting = '';
    for await (const record of records) {
      waiting += `${JSON.stringify(record)}\n`;
      count += 1;
      if (waiting.length > 1 << 18) {
        await file.write(waiting).catch(failed);
        waiting = '';
      }
    }
    await file.write(waiting).catch(failed);
    await file.sync().catch(failed);
  } finally {
    await file.close().catch(failed);
  }
  await rename(part, path).catch(failed);
  return count;
}

/** Writes a text; the file appears whole or not at all. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text).catch(failed);
  await rename(`${path}.part`, path).catch(failed);
}

/** Makes a folder of the run where there is none. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch(failed);
}

function failed(error: unknown): never {
  throw unwritable(error);
}

function unwritable(error: unknown): Error {
  return toAlignSquadError(error, 'A file of the run could not be written: is the disk full or the folder read-only?', 'generator-failed');
}
