/**
 * Levenshtein distance of two texts over the length of the longer one, in UTF-16 units: 0 for the same text, 1 for nothing in
 * common. Time grows with the product of the two stretches that differ; one row is kept.
 */
export function editDistance(before: string, after: string): number {
  const longer = Math.max(before.length, after.length);
  if (longer === 0 || before === after) return 0;
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return levenshtein(before.slice(start, before.length - end), after.slice(start, after.length - end)) / longer;
}

function levenshtein(from: string, to: string): number {
  const row = Uint32Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 0; line < from.length; line++) {
    let diagonal = row[0] ?? 0;
    row[0] = line + 1;
    for (let column = 0; column < to.length; column++) {
      const above = row[column + 1] ?? 0;
      const replaced = diagonal + (from.charCodeAt(line) === to.charCodeAt(column) ? 0 : 1);
      row[column + 1] = Math.min(replaced, above + 1, (row[column] ?? 0) + 1);
      diagonal = above;
    }
  }
  return row[to.length] ?? 0;
}
