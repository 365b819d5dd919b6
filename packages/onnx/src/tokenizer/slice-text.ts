const boundary = /(?<=\S) (?=\S)/g;

/**
 * Cuts text into slices of at most `maxLength` UTF-16 units, before a single space where the second half of a slice
 * has one, so that words stay whole, and never inside a surrogate pair. Joined, the slices are the text.
 */
export function sliceText(text: string, maxLength: number): string[] {
  const slices: string[] = [];
  let start = 0;
  while (text.length - start > maxLength) {
    const end = start + cutBefore(text.slice(start, start + maxLength + 1), maxLength);
    slices.push(text.slice(start, end));
    start = end;
  }
  slices.push(text.slice(start));
  return slices;
}

function cutBefore(window: string, maxLength: number): number {
  const tailStart = Math.floor(maxLength / 2);
  let cut = 0;
  for (const match of window.slice(tailStart).matchAll(boundary)) cut = tailStart + match.index;
  if (cut > 0) return cut;
  const splitsPair = /[\ud800-\udbff]/.test(window.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(window.charAt(maxLength));
  return splitsPair && maxLength > 1 ? maxLength - 1 : maxLength;
}
