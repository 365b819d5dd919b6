import { open, stat, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { toAlignSquadError } from '@align-squad/core';
import type { DatagenAnswer } from '../executors/request.js';
import { AnswerPlaces } from './answer-places.js';

/** All answers of a run, one a line, in the order in which they came; only ever appended to. */
export interface Journal {
  /** Answers that are kept. */
  readonly size: number;
  /** Lines that were cut off or damaged; what they answered is asked again. */
  readonly damaged: number;
  has(id: string): boolean;
  /** The answer to a request, read from the file. */
  read(id: string): Promise<DatagenAnswer | undefined>;
  /**
   * Keeps an answer; a second one to the same request is left out. Once it resolves, a killed process does not lose it.
   * @throws AlignSquadError `generator-failed` when it can't be written, as on a full disk.
   */
  append(answer: DatagenAnswer): Promise<void>;
  close(): Promise<void>;
}

const newline = 0x0a;
const chunkBytes = 1 << 20;
// Eight hexadecimal digits and a space.
const checksumBytes = 9;

/**
 * Opens the journal at `path`, or makes it. Each line is a CRC-32 and the answer as JSON; lines whose checksum is wrong
 * are passed over, and a last line that was cut off is closed before anything is appended. Memory holds places, not answers.
 * With `readOnly` nothing is written, also while another process appends.
 */
export async function openJournal(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<Journal> {
  const file = await open(path, readOnly ? 'r' : 'a+').catch((error: unknown) => {
    throw toAlignSquadError(error, 'The journal of the run could not be opened: is the folder writable?', 'generator-failed');
  });
  const places = new AnswerPlaces();
  let damaged = 0;
  let end = 0;
  for await (const { offset, bytes, isWhole } of linesOf(file)) {
    end = offset + bytes.length + (isWhole ? 1 : 0);
    const answer = parseLine(bytes);
    if (answer) places.set(answer.id, { offset, length: bytes.length });
    else damaged += 1;
  }
  if (!readOnly && end > 0 && !(await endsWithNewline(file, end))) {
    await file.write('\n');
    end += 1;
  }
  let last: Promise<unknown> = Promise.resolve();
  const write = async (answer: DatagenAnswer): Promise<void> => {
    const bytes = Buffer.from(JSON.stringify(answer));
    const line = Buffer.concat([Buffer.from(`${checksum(bytes)} `), bytes, Buffer.from('\n')]);
    try {
      await file.appendFile(line);
    } catch (error) {
      // What a full disk took of the line is closed, so that the next one begins on its own.
      await file.appendFile('\n').catch(() => undefined);
      end = (await stat(path)).size;
      throw toAlignSquadError(error, 'The journal of the run could not be written: is the disk full?', 'generator-failed');
    }
    places.set(answer.id, { offset: end, length: line.length - 1 });
    end += line.length;
  };
  return {
    get size() {
      return places.size;
    },
    get damaged() {
      return damaged;
    },
    has: (id) => places.has(id),
    async read(id) {
      const place = places.get(id);
      if (!place) return undefined;
      const { buffer } = await file.read({ buffer: Buffer.allocUnsafe(place.length), position: place.offset });
      return parseLine(buffer);
    },
    append(answer) {
      const written = last.then(() => (places.has(answer.id) ? undefined : write(answer)));
      last = written.catch(() => undefined);
      return written;
    },
    async close() {
      await last;
      await file.close();
    },
  };
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

function parseLine(line: Buffer): DatagenAnswer | undefined {
  const bytes = line.subarray(checksumBytes);
  if (line.subarray(0, checksumBytes).toString('latin1') !== `${checksum(bytes)} `) return undefined;
  return JSON.parse(bytes.toString('utf8')) as DatagenAnswer;
}

interface Line {
  readonly offset: number;
  readonly bytes: Buffer;
  /** It ends with a newline. */
  readonly isWhole: boolean;
}

async function* linesOf(file: FileHandle): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(chunkBytes), position });
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let at = rest.indexOf(newline); at >= 0; at = rest.indexOf(newline, start)) {
      yield { offset: offset + start, bytes: rest.subarray(start, at), isWhole: true };
      start = at + 1;
    }
    rest = rest.subarray(start);
    offset += start;
  }
  if (rest.length > 0) yield { offset, bytes: rest, isWhole: false };
}

async function endsWithNewline(file: FileHandle, end: number): Promise<boolean> {
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: end - 1 });
  return buffer[0] === newline;
}
