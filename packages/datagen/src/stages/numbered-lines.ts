/** The items of a numbered list by their number; other lines are passed over, and of two with one number the first stays. */
export function numberedLines(text: string): ReadonlyMap<number, string> {
  const items = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(\d{1,4})[.):]\s+(\S.*)$/.exec(line);
    const [, number = '', item = ''] = match ?? [];
    if (match && !items.has(Number(number))) items.set(Number(number), item.trim());
  }
  return items;
}
