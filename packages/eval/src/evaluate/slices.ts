import type { EvaluationRow } from '../data/evaluation-rows.js';
import { wordsOf } from '../metrics/words.js';

/** Which part of the rows a slice is. */
export interface SliceName {
  readonly by: 'criterion' | 'length' | 'context' | 'source';
  readonly name: string;
}

/** A part of some items that hold a row. */
export interface Slice<T> extends SliceName {
  readonly items: readonly T[];
}

/**
 * Parts of the items by length of the response (thirds by words), with and without a context, and by source where some have one;
 * a way to part them that gives one part only is left out.
 */
export function sliceRows<T extends { readonly row: EvaluationRow }>(items: readonly T[]): Slice<T>[] {
  const hasSource = items.some(({ row }) => row.source !== undefined);
  return [
    ...byLength(items),
    ...partBy(items, 'context', ({ row }) => ((row.exchange.context ?? '').trim() === '' ? 'without' : 'with')),
    ...(hasSource ? partBy(items, 'source', ({ row }) => row.source ?? 'none') : []),
  ];
}

function byLength<T extends { readonly row: EvaluationRow }>(items: readonly T[]): Slice<T>[] {
  const lengths = items.map(({ row }) => wordsOf(row.exchange.response).length).sort((a, b) => a - b);
  const short = lengths[Math.ceil(lengths.length / 3) - 1] ?? 0;
  const middle = lengths[Math.ceil((2 * lengths.length) / 3) - 1] ?? 0;
  const names = [`up to ${short} words`, `${short + 1} to ${middle} words`, `over ${middle} words`] as const;
  const parts = partBy(items, 'length', ({ row }) => {
    const length = wordsOf(row.exchange.response).length;
    return length <= short ? names[0] : length <= middle ? names[1] : names[2];
  });
  return names.flatMap((name) => parts.filter((part) => part.name === name));
}

function partBy<T>(items: readonly T[], by: SliceName['by'], nameOf: (item: T) => string): Slice<T>[] {
  const parts = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [item]);
    else part.push(item);
  }
  if (parts.size < 2) return [];
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, part]) => ({ by, name, items: part }));
}
