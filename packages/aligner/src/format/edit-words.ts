/**
 * The words of a text, each with the white space before it, the last also with what follows it. The first word is
 * given a space, as if it stood in a text, so that it reads like the others; `joinWords` takes it away again.
 */
export function splitWords(text: string): string[] {
  if (text === '') return [];
  return ` ${text}`.match(/\s*\S+(?:\s+$)?/g) ?? [` ${text}`];
}

/** The text of words that `splitWords` gave, some of them left out or put in. */
export function joinWords(words: readonly string[]): string {
  return words.join('').replace(/^ /, '');
}

/** What stands between words that two texts share: `added` takes the place of the words from `start` to `end` (not included). */
export interface WordGap {
  readonly start: number;
  readonly end: number;
  /** White space included, as in `splitWords`. */
  readonly added: string;
}

// Beyond this many cells the table would take more memory than an edit of so long a text is worth.
const mostCells = 4_000_000;

/**
 * What changes `before` into `after`, by a longest common subsequence of their words: the places where words are taken
 * out or put in. Undefined for texts that differ over too long a stretch: 2,000 words against 2,000.
 */
export function diffWords(before: readonly string[], after: readonly string[]): WordGap[] | undefined {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const [rows, columns] = [before.length - head - tail, after.length - head - tail];
  if ((rows + 1) * (columns + 1) > mostCells) return undefined;
  const lengths = commonLengths(before.slice(head, head + rows), after.slice(head, head + columns));
  const gaps: WordGap[] = [];
  let open: { start: number; end: number; added: string } | undefined;
  for (let row = 0, column = 0; row < rows || column < columns; ) {
    const isShared = row < rows && column < columns && before[head + row] === after[head + column];
    if (isShared) {
      open = undefined;
      row += 1;
      column += 1;
      continue;
    }
    if (!open) gaps.push((open = { start: head + row, end: head + row, added: '' }));
    const skipRow = row < rows ? (lengths[(row + 1) * (columns + 1) + column] ?? 0) : -1;
    const skipColumn = column < columns ? (lengths[row * (columns + 1) + column + 1] ?? 0) : -1;
    if (skipRow >= skipColumn) open.end = head + (row += 1);
    else open.added += after[head + column++] ?? '';
  }
  return gaps;
}

/** Lengths of the longest common subsequences of the ends: cell [row, column] is that of a[row..] and b[column..]. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      const at = row * width + column;
      lengths[at] = a[row] === b[column] ? 1 + (lengths[at + width + 1] ?? 0) : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  return lengths;
}
