import type { SentenceSplitter } from '@align-squad/core';
import type { SourceReader } from '../source-reader.js';
import { createGate } from './gate.js';
import { watchSilence } from './watch-silence.js';

/** A stretch of the source's text that is inspected as one. */
export interface TextWindow {
  readonly text: string;
  /** Nothing follows it: the answer is complete. */
  readonly isLast: boolean;
}

/** Reads a source ahead and cuts it into windows. */
export interface WindowFeed {
  /**
   * The next window, undefined after the last; asking for it says that the one before is dealt with.
   * Rejects with what reading rejected with, after the windows that were complete by then, or with the signal's reason.
   */
  readonly next: () => Promise<TextWindow | undefined>;
  /** All text read so far. */
  readonly original: () => string;
  /** Stops reading and lets the source go, without waiting for it. */
  readonly close: () => void;
}

/** Options of `createWindowFeed`. */
export interface WindowFeedOptions {
  readonly reader: SourceReader<string>;
  readonly splitter: SentenceSplitter;
  /** Characters ahead of the last finished window from which reading pauses. */
  readonly maxHoldCharacters: number;
  /** Milliseconds that the source may be silent before what is held is flushed. */
  readonly maxHoldMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Starts a feed; the source is first read when a window is asked for. */
export function createWindowFeed(options: WindowFeedOptions): WindowFeed {
  const { splitter, signal } = options;
  const queue: TextWindow[] = [];
  const [windowReady, roomReady] = [createGate(), createGate()];
  let [original, taken] = ['', ''];
  let finished = 0;
  let reading: Promise<void> | undefined;
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;

  const add = (texts: readonly string[], isEnd = false): void => {
    for (const [index, text] of texts.entries()) queue.push({ text, isLast: isEnd && index === texts.length - 1 });
    windowReady.open();
  };
  const reader = watchSilence(options.reader, {
    silenceMs: options.maxHoldMs,
    isWatched: () => splitter.heldCharacters > 0,
    onSilence: () => add(splitter.flush()),
  });
  // with nothing to inspect, more has to be read until there is
  const isFull = (): boolean =>
    (queue.length > 0 || taken !== '') && original.length - finished >= options.maxHoldCharacters && !isOver;
  const readAll = async (): Promise<void> => {
    for (;;) {
      const piece = await reader.read();
      if (isOver) return;
      if (piece.done === true) return add(splitter.end(), true);
      original += piece.value;
      add(splitter.push(piece.value));
      while (isFull()) await roomReady.pass();
    }
  };
  const stop = (): void => {
    isOver = true;
    windowReady.open();
  };
  const close = (): void => {
    signal?.removeEventListener('abort', close);
    stop();
    roomReady.open();
    void reader.close();
  };
  signal?.addEventListener('abort', close, { once: true });
  return {
    next: async () => {
      finished += taken.length;
      taken = '';
      roomReady.open();
      reading ??= readAll().catch((error: unknown) => void (failure = { error })).finally(stop);
      while (queue.length === 0 && !isOver) await windowReady.pass();
      signal?.throwIfAborted();
      if (queue.length === 0 && failure) throw failure.error;
      const window = queue.shift();
      taken = window?.text ?? '';
      return window;
    },
    original: () => original,
    close,
  };
}
