/** A text of at most `most` UTF-16 units: of a longer one the start and the end are kept, with an ellipsis for the rest. */
export function shortenMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.max(0, (most - 1) >> 1);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`.replace(/\p{Surrogate}/gu, '');
}
