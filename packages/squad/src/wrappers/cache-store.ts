import { LRUCache } from 'lru-cache';

/** What a cache did so far. */
export interface CacheStats {
  /** Answers that cost no call: kept ones, and those shared with a call under way. */
  readonly hits: number;
  /** Answers that the backend was asked for. */
  readonly misses: number;
  /** Answers that are kept now. */
  readonly entries: number;
}

/** Bounds of a cache. */
export interface CacheBounds {
  readonly maxEntries: number;
  readonly maxCharacters: number;
  readonly ttlMs: number | undefined;
  readonly now: () => number;
}

/** Answers by key, least recently used first out, with counts. */
export interface CacheStore<V extends object> {
  get(key: string): V | undefined;
  /** Keeps `value`, unless it alone is beyond the characters that the store may hold. */
  set(key: string, value: V): void;
  count(kind: 'hit' | 'miss'): void;
  stats(): CacheStats;
}

/** Makes a store; an entry weighs the characters of its key and of its value as JSON. */
export function createCacheStore<V extends object>({ maxEntries, maxCharacters, ttlMs, now }: CacheBounds): CacheStore<V> {
  const cache = new LRUCache<string, V>({
    max: maxEntries,
    maxSize: maxCharacters,
    sizeCalculation: (value, key) => key.length + JSON.stringify(value).length,
    // A resolution makes it hold the clock's value by a timer; an entry of time 0 would never be stale.
    ...(ttlMs !== undefined && { ttl: ttlMs, ttlResolution: 0, perf: { now: () => now() + 1 } }),
  });
  let [hits, misses] = [0, 0];
  return {
    get: (key) => cache.get(key),
    set(key, value) {
      cache.set(key, value);
    },
    count(kind) {
      if (kind === 'hit') hits += 1;
      else misses += 1;
    },
    stats: () => ({ hits, misses, entries: cache.size }),
  };
}
