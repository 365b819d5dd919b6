import type { TextToIds } from '@align-squad/inspector';

const mostTexts = 200_000;

/** Keeps the ids of texts that come again every epoch. */
export function memoize(tokenizer: TextToIds): TextToIds {
  const known = new Map<string, readonly number[]>();
  return {
    encode(text) {
      const held = known.get(text) ?? tokenizer.encode(text);
      if (known.size < mostTexts) known.set(text, held);
      return held;
    },
  };
}
