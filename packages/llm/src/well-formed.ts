/** The text with each half of a character as U+FFFD; servers refuse, or crash on, halves. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
