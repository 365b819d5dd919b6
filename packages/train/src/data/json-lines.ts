import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AlignSquadError } from '@align-squad/core';

/** Where records come from: files of JSON Lines, gzipped where their name ends in .gz, or records themselves. */
export type RecordSource = string | Iterable<string | object> | AsyncIterable<string | object>;

/** One parsed line. */
export interface JsonLine {
  readonly value: unknown;
  /** Base name of the file with the number of the line in it, or the number of the record, for messages. */
  readonly place: string;
  /** Number over all of the source, from 1. */
  readonly line: number;
}

/** Options of `readJsonLines`. */
export interface JsonLinesOptions {
  /** Longest line in bytes, so that memory stays bounded. @default 16 MiB */
  readonly maxLineBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const newline = 0x0a;

/**
 * Reads records as they are asked for; blank lines are skipped. A string in the source is the path of a file.
 * @throws AlignSquadError `invalid-options` for a file that can't be opened, `invalid-dataset` naming file and line for
 * one that is too long, not UTF-8 or not JSON; the signal's reason.
 */
export async function* readJsonLines(source: RecordSource, options: JsonLinesOptions = {}): AsyncGenerator<JsonLine> {
  const { signal, maxLineBytes = 16 * 1024 * 1024 } = options;
  let line = 0;
  for await (const item of typeof source === 'string' ? [source] : source) {
    signal?.throwIfAborted();
    if (typeof item !== 'string') {
      line += 1;
      yield { value: item, place: `record ${line}`, line };
      continue;
    }
    let number = 0;
    for await (const bytes of fileLines(item, maxLineBytes)) {
      signal?.throwIfAborted();
      number += 1;
      line += 1;
      const place = `${basename(item)} line ${number}`;
      const text = decode(bytes, place, maxLineBytes);
      if (text.trim() !== '') yield { value: parse(text, place), place, line };
    }
  }
}

/** What messages call a source: the base names of its first files. */
export function describeSource(source: RecordSource): string {
  if (typeof source === 'string') return basename(source);
  const files = Array.isArray(source) ? source.filter((item) => typeof item === 'string').map((file) => basename(file)) : [];
  return files.length === 0 ? 'the records' : `${files.slice(0, 3).join(', ')}${files.length > 3 ? ' and others' : ''}`;
}

/** The lines of a file as bytes, of which a line that is too long comes cut. */
async function* fileLines(file: string, maxLineBytes: number): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let size = 0;
  const take = (piece: Buffer): void => {
    if (size <= maxLineBytes) pieces.push(piece);
    size += piece.length;
  };
  for await (const chunk of fileChunks(file)) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      yield Buffer.concat(pieces);
      pieces = [];
      size = 0;
    }
    if (start < chunk.length) take(chunk.subarray(start));
    // The rest of a file that is one line need not be read.
    if (size > maxLineBytes) break;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

async function* fileChunks(file: string): AsyncGenerator<Buffer> {
  const bytes = createReadStream(file);
  // Errors of either stream reach the loop below, as `pipeline` destroys both.
  const chunks: AsyncIterable<Buffer> = file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  try {
    yield* chunks;
  } catch (error) {
    const { code, path } = toSystemError(error);
    if (path === undefined) throw invalid(`Expected ${basename(file)} to be gzipped.`, error);
    throw new AlignSquadError(`The data file ${basename(file)} could not be read (${code}).`, { code: 'invalid-options', cause: error });
  } finally {
    bytes.destroy();
  }
}

/** An error of the file system tells a path or a system call, one of zlib does not. */
function toSystemError(error: unknown): { readonly code: string; readonly path: string | undefined } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no error code';
  return { code, path: error instanceof Error && 'syscall' in error ? String(error.syscall) : undefined };
}

function decode(bytes: Buffer, place: string, maxLineBytes: number): string {
  if (bytes.length > maxLineBytes) throw invalid(`Expected ${place} to have at most ${maxLineBytes} bytes.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid(`Expected ${place} to be UTF-8.`, error);
  }
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the text, so it is no cause.
    throw invalid(`Expected ${place} to be JSON.`);
  }
}

function invalid(message: string, cause?: unknown): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-dataset', cause });
}
