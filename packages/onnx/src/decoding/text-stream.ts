import type { TextTokenizer } from '../tokenizer/tokenizer.js';

/** Text of tokens that come one after the other. */
export interface TextStream {
  /** The text that this token completes; empty while its bytes form no whole character. */
  push(id: number): string;
  /** What is still held back, once no token is to come. */
  end(): string;
}

/**
 * Turns tokens into text as they come. Bytes that don't form a whole character yet are held back until they do, or
 * until the end, where they read as U+FFFD.
 */
export function createTextStream(tokenizer: Pick<TextTokenizer, 'decode'>): TextStream {
  // Decoded together with the tokens before them, as a decoder may put a space between two or none before the first.
  let before: number[] = [];
  let open: number[] = [];
  const openText = (): string => tokenizer.decode([...before, ...open]).slice(tokenizer.decode(before).length);
  const release = (text: string): string => {
    before = open;
    open = [];
    return text;
  };
  return {
    push(id) {
      open.push(id);
      const text = openText();
      return text === '' || text.endsWith('\ufffd') ? '' : release(text);
    },
    end: () => (open.length === 0 ? '' : release(openText())),
  };
}
