import { AlignSquadError } from '@align-squad/core';
import { readSource, type SourceReader } from '../source-reader.js';

/** Where the text of a stream comes from, in pieces of any size. */
export type TextSource = AsyncIterable<string> | ReadableStream<string>;

/**
 * Opens a source of text; nothing is read yet. Reading rejects with `source-failed`, or with `invalid-options` for a
 * piece that is no string.
 * @throws AlignSquadError `invalid-options` for anything else, or a stream that has a reader already.
 */
export function openTextSource(source: unknown): SourceReader<string> {
  const reader = readSource<unknown>(toIterable(source));
  return {
    read: async () => {
      const next = await reader.read().catch((cause: unknown) => {
        throw new AlignSquadError('The source of the stream failed.', { code: 'source-failed', cause });
      });
      if (next.done === true) return next;
      if (typeof next.value === 'string') return { done: false, value: next.value };
      throw wrongPiece(next.value);
    },
    close: reader.close,
  };
}

/**
 * The items of an iterable or a web stream that nobody else reads.
 * @throws AlignSquadError `invalid-options` for anything else.
 */
export function toIterable(source: unknown): AsyncIterable<unknown> {
  if (typeof source === 'object' && source !== null) {
    // casts, because `in` tells TypeScript nothing of what is read; the pieces are checked one by one
    // its reader can be cancelled while a read is pending, its iterator can not
    if ('getReader' in source && typeof source.getReader === 'function') return readerIterable(source as ReadableStream);
    if (Symbol.asyncIterator in source && typeof source[Symbol.asyncIterator] === 'function') {
      return source as AsyncIterable<unknown>;
    }
  }
  throw new AlignSquadError('Expected the source to be an AsyncIterable or a ReadableStream.', {
    code: 'invalid-options',
  });
}

function readerIterable(stream: ReadableStream<unknown>): AsyncIterable<unknown> {
  if (stream.locked) {
    throw new AlignSquadError('Expected a ReadableStream that nobody else reads.', { code: 'invalid-options' });
  }
  const reader = stream.getReader();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const { done, value } = await reader.read();
        if (done) reader.releaseLock();
        return done ? { done, value: undefined } : { done, value };
      },
      return: async () => {
        await reader.cancel();
        reader.releaseLock();
        return { done: true, value: undefined };
      },
    }),
  };
}

function wrongPiece(value: unknown): AlignSquadError {
  const hint = value instanceof Uint8Array ? ', got bytes: pipe them through a TextDecoderStream' : `, got ${typeof value}`;
  return new AlignSquadError(`Expected the source to give strings${hint}.`, { code: 'invalid-options' });
}
