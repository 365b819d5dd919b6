import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AlignSquadError } from '@align-squad/core';

/** One parsed line of a JSON Lines file. */
export interface JsonLine {
  readonly value: unknown;
  /** Base name of the file and number of the line, for messages. */
  readonly place: string;
  /** Number over all files, from 1. */
  readonly line: number;
}

/** Lines longer than this are refused, so that memory stays bounded. */
const mostCharacters = 16 * 1024 * 1024;

/** Parsed lines of some files, and a hash of what they hold. */
export interface JsonLines {
  readonly lines: readonly JsonLine[];
  /** SHA-256 of the parsed lines, whatever their spacing. */
  readonly sha256: string;
}

/**
 * Reads JSON Lines files, gzipped where they end in .gz; blank lines are skipped.
 * @throws AlignSquadError `invalid-options` for a file that can't be read, `invalid-dataset` naming file and line for
 * one that is not JSON or too long; the signal's reason.
 */
export async function readJsonLines(files: readonly string[], signal: AbortSignal | undefined): Promise<JsonLines> {
  const hash = createHash('sha256');
  const lines: JsonLine[] = [];
  let line = 0;
  for (const file of files) {
    let number = 0;
    for await (const text of textLines(file)) {
      signal?.throwIfAborted();
      number += 1;
      line += 1;
      if (text.trim() === '') continue;
      const place = `${basename(file)} line ${number}`;
      if (text.length > mostCharacters) throw invalid(`Expected ${place} to have at most ${mostCharacters} characters.`);
      const value = parse(text, place);
      hash.update(`${JSON.stringify(value)}\n`);
      lines.push({ value, place, line });
    }
  }
  if (lines.length === 0) throw invalid(`Expected records in ${files.map((file) => basename(file)).join(', ')}, got none.`);
  return { lines, sha256: hash.digest('hex') };
}

async function* textLines(file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const plain = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    plain.destroy();
  };
  bytes.on('error', fail);
  try {
    yield* splitLines(plain);
  } catch (error) {
    failure ??= error;
  }
  if (failure === undefined) return;
  throw new AlignSquadError(`Could not read the data file ${basename(file)}.`, { code: 'invalid-options', cause: failure });
}

/** Splits at newlines only: JSON may hold U+2028, at which `node:readline` splits too. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = pieces.pop() ?? '';
    yield* pieces;
  }
  const last = rest + decoder.decode();
  if (last !== '') yield last;
}

function parse(text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The parser's message would quote the text.
    throw invalid(`Expected ${place} to be JSON.`);
  }
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-dataset' });
}
