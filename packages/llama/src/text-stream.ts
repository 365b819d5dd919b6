import type { LlamaModel, LlamaToken } from './llama-binding.js';

/** Text of tokens that come one after the other. */
export interface TextStream {
  /** The text that this token completes; empty while its bytes form no whole character. */
  push(token: LlamaToken): string;
  /** What is still held back, once no token is to come. */
  end(): string;
}

/**
 * Turns the tokens that follow `before` into text as they come. Bytes that don't form a whole character yet are held back
 * until they do, or until the end, where they read as U+FFFD.
 */
export function createTextStream(model: Pick<LlamaModel, 'detokenize'>, before: readonly LlamaToken[]): TextStream {
  // Whether a token begins with a space depends on the one before it.
  let last = before.slice(-1);
  let open: LlamaToken[] = [];
  const read = (): string => model.detokenize(open, false, last);
  const release = (text: string): string => {
    last = open.slice(-1);
    open = [];
    return text;
  };
  return {
    push(token) {
      open.push(token);
      const text = read();
      return text === '' || text.endsWith('\ufffd') ? '' : release(text);
    },
    end: () => (open.length === 0 ? '' : release(read())),
  };
}
