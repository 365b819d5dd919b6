/**
 * What can drive a terminal or hide in it: C0 (but tab and newline), DEL, C1, zero-width and bidirectional controls,
 * line separators, tag characters and lone surrogates.
 */
const unsafe =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}\p{Surrogate}]/gu;

/** The text with invisible and control characters spelled out as escapes, so that it can't drive the terminal. */
export function visible(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return `\\u{${code.toString(16)}}`;
  });
}

/** One line of JSON in which characters that JSON leaves raw but terminals obey are escaped too. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  return `${json.replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )}\n`;
}
