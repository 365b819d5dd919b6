import type { Random } from '@align-squad/core';

/** Lengths that rows are padded to, so that few graphs are compiled: steps of a quarter between powers of two. */
export function bucketLength(length: number, most: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(16, length)));
  const quarter = power / 8;
  return Math.min(most, Math.ceil(length / quarter) * quarter);
}

/** Groups items by a key of numbers and cuts each group into batches of about `batchTokens` tokens, in random order. */
export function intoBatches<T>(
  items: readonly T[],
  options: { readonly keyOf: (item: T) => readonly number[]; readonly tokensOf: (key: readonly number[]) => number; readonly batchTokens: number; readonly random: Random },
): { readonly key: readonly number[]; readonly items: readonly T[]; readonly size: number }[] {
  const { keyOf, tokensOf, batchTokens, random } = options;
  const groups = new Map<string, { key: readonly number[]; items: T[] }>();
  for (const item of random.shuffle([...items])) {
    const key = keyOf(item);
    const group = groups.get(String(key)) ?? { key, items: [] };
    group.items.push(item);
    groups.set(String(key), group);
  }
  const batches = [...groups.values()].flatMap(({ key, items: grouped }) => {
    const size = Math.max(1, Math.floor(batchTokens / tokensOf(key)));
    return Array.from({ length: Math.ceil(grouped.length / size) }, (_, index) => ({ key, size, items: grouped.slice(index * size, (index + 1) * size) }));
  });
  return random.shuffle(batches);
}
