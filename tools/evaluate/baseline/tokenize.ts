const tokenPattern = /[a-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*|[^\sa-z\d]/g;

/** Lower-case words, numbers and single marks of a text. */
export function tokenize(text: string): string[] {
  return text.toLowerCase().match(tokenPattern) ?? [];
}

/** True for words and numbers, false for marks. */
export function isWord(token: string): boolean {
  return /^[a-z\d]/.test(token);
}

/** Runs of `size` neighbouring tokens, joined by a space. */
export function ngramsOf(tokens: readonly string[], size: number): string[] {
  return tokens.slice(0, Math.max(0, tokens.length - size + 1)).map((_, start) => tokens.slice(start, start + size).join(' '));
}

/** FNV-1a of the UTF-16 units, folded, as an unsigned 32-bit number. */
export function hashText(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}
