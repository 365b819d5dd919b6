/** The printable character that stands for each byte in byte-level BPE (GPT-2). */
export const byteAlphabet: readonly string[] = buildAlphabet();

function buildAlphabet(): string[] {
  const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let extra = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : extra++));
}

/** Maps a text to the characters that stand for its UTF-8 bytes. */
export function toByteCharacters(text: string): string[] {
  return Array.from(new TextEncoder().encode(text), (byte) => byteAlphabet[byte] ?? '');
}
