import type { SentenceSplitter } from '@align-squad/core';

/** Gives the text in one piece, at its end. */
export function createWholeTextSplitter(): SentenceSplitter {
  let held = '';
  return {
    push: (text) => {
      held += text;
      return [];
    },
    flush: () => [],
    end: () => (held === '' ? [] : [held]),
    get heldCharacters() {
      return held.length;
    },
  };
}
