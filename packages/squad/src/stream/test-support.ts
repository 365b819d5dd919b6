import type { Exchange } from '@align-squad/core';
import { fakeAligner, fakeInspector, type FakeAligner, type FakeInspector } from '../test-support.js';
import type { StreamEvent } from './events.js';

/** The highest score that the text names: `a7` is 0.7 under `a`. */
export function judgeWorst({ response }: Exchange, criterion: string): number {
  return Math.max(0, ...[...response.matchAll(new RegExp(`${criterion}(\\d)`, 'g'))].map(([, digit]) => Number(digit) / 10));
}

/** An inspector that reads scores off the text. */
export function inspectorOf(...criteria: string[]): FakeInspector {
  return fakeInspector({ criteria, judge: judgeWorst });
}

/** An aligner that brings the scores of its criterion down to 1. */
export function calming(...criteria: string[]): FakeAligner {
  return fakeAligner(criteria, ({ exchange, criterion }) =>
    exchange.response.replaceAll(new RegExp(`${criterion}[5-9]`, 'g'), `${criterion}1`),
  );
}

/** A source of pieces that knows whether it was let go. */
export interface TestSource extends AsyncIterable<string> {
  readonly state: { read: number; closed: boolean };
}

/** Gives the pieces, then runs `after`, which may throw or never settle. */
export function sourceOf(pieces: Iterable<string>, after?: () => Promise<void> | void): TestSource {
  const state = { read: 0, closed: false };
  const iterator = pieces[Symbol.iterator]();
  return {
    state,
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const next = iterator.next();
        if (next.done === true) await after?.();
        else state.read += next.value.length;
        return next;
      },
      return: async () => {
        state.closed = true;
        return { done: true, value: undefined };
      },
    }),
  };
}

/** A web stream of the pieces. */
export function readableOf<T>(pieces: readonly T[]): ReadableStream<T> {
  return new ReadableStream({
    start: (controller) => {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

/** The text in pieces of `size` UTF-16 units. */
export function* inPieces(text: string, size: () => number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = start + size();
    yield text.slice(start, end);
    start = end;
  }
}

/** What a stream gave, and what it rejected with. */
export interface Collected {
  readonly events: StreamEvent[];
  readonly error?: unknown;
}

/** Reads a stream to its end, whatever that is. */
export async function collect(stream: AsyncIterable<StreamEvent>): Promise<Collected> {
  const events: StreamEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

/** The texts that a client was shown. */
export function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}
