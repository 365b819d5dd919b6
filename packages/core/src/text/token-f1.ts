/** F1 of the tokens that two lists share, counted as often as they occur, in [0, 1]; 0 when one is empty. */
export function tokenF1(first: readonly string[], second: readonly string[]): number {
  const left = new Map<string, number>();
  for (const token of first) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of second) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    left.set(token, count - 1);
    shared += 1;
  }
  return shared === 0 ? 0 : (2 * shared) / (first.length + second.length);
}
