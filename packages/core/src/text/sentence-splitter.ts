import { scanSentenceEnds, sentenceLookahead, sentenceLookbehind } from './sentence-ends.js';
import { createGrowingText, type TextWindow } from './text-window.js';

/** Splits a text that comes in pieces. */
export interface SentenceSplitter {
  /** Takes the next piece of the text; gives the sentences that are complete by now. */
  readonly push: (text: string) => string[];
  /** Gives what is held up to its last white space; nothing where that would be blank. */
  readonly flush: () => string[];
  /** Gives the rest; nothing may be pushed after it. */
  readonly end: () => string[];
  /** Characters that were pushed and not yet given. */
  readonly heldCharacters: number;
}

/** Options of `createSentenceSplitter`. */
export interface SentenceSplitterOptions {
  /** Most UTF-16 units of one sentence, from 2; a longer one is cut. @default 2000 */
  readonly maxLength?: number | undefined;
}

/** Most UTF-16 units of one sentence of `splitSentences`. */
export const maxSentenceLength = 2000;

/**
 * Splits a growing text into sentences that cover it without gaps, trailing white space included.
 * The end of a line ends a sentence; abbreviations, list markers and lines of fenced code do not. One longer than
 * `maxLength` is cut behind a line end, else behind white space, else hard, never inside a surrogate pair or CR LF.
 * Where sentences end depends on the text alone, not on the pieces that it comes in; `flush` is the exception.
 */
export function createSentenceSplitter(options: SentenceSplitterOptions = {}): SentenceSplitter {
  const maxLength = options.maxLength ?? maxSentenceLength;
  const text = createGrowingText();
  const scan = scanSentenceEnds(text);
  let start = 0;
  let pushed = 0;

  function* take(): Generator<string> {
    for (let step = scan.next(); step.done !== true && step.value !== 'more'; step = scan.next()) {
      yield* takeUntil(step.value);
    }
    // no sentence end within the limit can still turn up
    while (text.length - start >= maxLength + sentenceLookahead) yield takeTo(cutPoint(text, start, maxLength));
  }
  function* takeUntil(end: number): Generator<string> {
    while (end - start > maxLength) yield takeTo(cutPoint(text, start, maxLength));
    if (end > start) yield takeTo(end);
  }
  function takeTo(end: number): string {
    const sentence = text.slice(start, end);
    start = end;
    return sentence;
  }
  const collect = (sentences: Iterable<string>): string[] => {
    const taken = [...sentences];
    text.dropBefore(Math.min(start, text.length - sentenceLookbehind));
    return taken;
  };
  return {
    push: (piece) => {
      pushed += piece.length;
      text.push(piece);
      return collect(take());
    },
    flush: () => {
      const held = text.slice(start, text.length);
      const cut = /^[^]*\s/.exec(held)?.[0] ?? '';
      return cut.trim() === '' ? [] : collect(takeUntil(start + cut.length));
    },
    end: () => {
      text.end();
      return collect(takeRest());
    },
    get heldCharacters() {
      return pushed - start;
    },
  };

  function* takeRest(): Generator<string> {
    yield* take();
    yield* takeUntil(text.length);
  }
}

function cutPoint(text: TextWindow, start: number, maxLength: number): number {
  const limit = start + maxLength;
  const piece = text.slice(start, limit);
  const line = /^[^]*[\n\r\u0085\u2028\u2029]/.exec(piece) ?? /^[^]*\s/.exec(piece);
  const cut = line === null ? limit : start + line[0].length;
  return splitsPair(text, cut) && cut - 1 > start ? cut - 1 : cut;
}

function splitsPair(text: TextWindow, cut: number): boolean {
  return /^(?:\r\n|[\ud800-\udbff][\udc00-\udfff])$/.test(text.slice(cut - 1, cut + 1));
}
