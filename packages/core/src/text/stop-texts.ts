/** Looks for stop texts in text that comes in pieces. */
export interface StopTexts {
  /** The text that can be given now: nothing from a stop text on, and nothing that may begin one. */
  push(text: string): string;
  /** What is still held back, once no text is to come. */
  end(): string;
  readonly isFound: boolean;
}

/** A search for the first of these texts; empty ones are never found. */
export function createStopTexts(stop: readonly string[]): StopTexts {
  const wanted = stop.filter((text) => text !== '');
  let held = '';
  let isFound = false;
  return {
    push(text) {
      if (isFound) return '';
      held += text;
      const found = wanted.map((each) => held.indexOf(each)).filter((index) => index >= 0);
      isFound = found.length > 0;
      const keep = isFound ? Math.min(...found) : held.length - Math.max(0, ...wanted.map((each) => beginningAtEnd(held, each)));
      const given = held.slice(0, keep);
      held = isFound ? '' : held.slice(keep);
      return given;
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
    get isFound() {
      return isFound;
    },
  };
}

/** How many characters at the end of `text` are the beginning of `wanted`. */
function beginningAtEnd(text: string, wanted: string): number {
  for (let length = Math.min(text.length, wanted.length - 1); length > 0; length--) {
    if (text.endsWith(wanted.slice(0, length))) return length;
  }
  return 0;
}
