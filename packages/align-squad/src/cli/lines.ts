import { AlignSquadError } from '@align-squad/core';

/** One line of a byte stream, with its number from 1, or why it can't be read. */
export type InputLine =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly error: AlignSquadError };

/** Options of `readLines`. */
export interface ReadLinesOptions {
  /** Longest line; a longer one gives an error and is skipped, so that memory stays bounded. @default 64 MiB */
  readonly maxBytes?: number | undefined;
  /** Told of the bytes of each chunk as it is taken up. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

const newline = 0x0a;

/**
 * Splits a byte stream at newlines only: JSON texts may hold U+2028 raw, at which `node:readline` splits too.
 * A line that is not UTF-8 or too long is an error and the next ones still come; a byte order mark is dropped.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, options: ReadLinesOptions = {}): AsyncGenerator<InputLine> {
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  let pieces: Uint8Array[] = [];
  let size = 0;
  let number = 0;
  const take = (piece: Uint8Array): void => {
    size += piece.length;
    if (size <= maxBytes) pieces.push(piece);
    else pieces = [];
  };
  const finish = (): InputLine => {
    number += 1;
    const line = size > maxBytes ? tooLong(number, maxBytes) : decodeLine(number, pieces);
    pieces = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    options.onBytes?.(chunk.length);
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      yield finish();
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (size > 0) yield finish();
}

function tooLong(number: number, maxBytes: number): InputLine {
  const message = `Expected the line to have at most ${maxBytes} bytes.`;
  return { number, error: new AlignSquadError(message, { code: 'invalid-exchange' }) };
}

function decodeLine(number: number, pieces: readonly Uint8Array[]): InputLine {
  try {
    // ignoreBOM is left off, so that the decoder drops a byte order mark.
    return { number, text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)) };
  } catch (error) {
    return { number, error: new AlignSquadError('Expected the line to be UTF-8.', { code: 'invalid-exchange', cause: error }) };
  }
}
