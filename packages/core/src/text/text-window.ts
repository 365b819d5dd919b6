/** The part of a growing text that is still needed, addressed by offsets in the whole text. */
export interface TextWindow {
  /** Offset behind the last character that can be read; a high surrogate or CR there waits for what belongs to it. */
  readonly length: number;
  /** True once nothing more comes. */
  readonly isWhole: boolean;
  readonly slice: (start: number, end: number) => string;
  /** The match of a global or sticky pattern from `start` on, with its offset in the whole text. */
  readonly match: (pattern: RegExp, start: number) => { readonly index: number; readonly text: string } | undefined;
}

/** A window that its owner fills and empties. */
export interface GrowingText extends TextWindow {
  readonly push: (text: string) => void;
  /** Nothing more comes. */
  readonly end: () => void;
  /** Forgets what lies before `offset`. */
  readonly dropBefore: (offset: number) => void;
}

/** Starts an empty text. */
export function createGrowingText(): GrowingText {
  let text = '';
  let carry = '';
  let base = 0;
  let isWhole = false;
  return {
    get length() {
      return base + text.length;
    },
    get isWhole() {
      return isWhole;
    },
    slice: (start, end) => text.slice(Math.max(0, start - base), Math.max(0, end - base)),
    match: (pattern, start) => {
      pattern.lastIndex = start - base;
      const found = pattern.exec(text);
      return found === null ? undefined : { index: base + found.index, text: found[0] };
    },
    push: (chunk) => {
      const all = carry + chunk;
      carry = /[\r\ud800-\udbff]$/.exec(all)?.[0] ?? '';
      text += all.slice(0, all.length - carry.length);
    },
    end: () => {
      text += carry;
      carry = '';
      isWhole = true;
    },
    dropBefore: (offset) => {
      if (offset <= base) return;
      text = text.slice(offset - base);
      base = offset;
    },
  };
}
