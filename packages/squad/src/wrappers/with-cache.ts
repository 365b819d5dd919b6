import { parseWith, type Aligner, type Correction, type Inspector, type Verdict } from '@align-squad/core';
import { z } from 'zod';
import { createCacheStore, type CacheBounds, type CacheStats } from './cache-store.js';
import { cacheRewrites } from './cached-aligner.js';
import { cacheInspections } from './cached-inspector.js';
import { notABackend, wrapBackend } from './wrap-backend.js';

/** Options of `withCache`. */
export interface CacheOptions {
  /** Most verdicts (one an exchange and criterion) or rewrites, an integer in [1, 1000000]. @default 10000 */
  readonly maxEntries?: number | undefined;
  /** Most characters of all entries, keys included, an integer from 1. @default 10000000 */
  readonly maxCharacters?: number | undefined;
  /** Milliseconds that an entry is good for, an integer from 1. @default no limit */
  readonly ttlMs?: number | undefined;
  /** Cache also a backend that is not deterministic: its first answer then stands for all. @default false */
  readonly always?: boolean | undefined;
  /** Milliseconds clock, from 0. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** What `withCache` adds to a backend. */
export interface Cached {
  /** Counts since the cache was made; all 0 for a backend that is not cached. */
  stats(): CacheStats;
}

const optionsSchema: z.ZodType<CacheOptions> = z.strictObject({
  maxEntries: z.int().min(1).max(1_000_000).optional(),
  maxCharacters: z.int().min(1).optional(),
  ttlMs: z.int().min(1).optional(),
  always: z.boolean().optional(),
  now: z.custom<() => number>((value) => typeof value === 'function').optional(),
});

/**
 * A backend that remembers its answers exactly: by its version, the criterion and the exchange, and for an aligner also by
 * candidate and verdict. Of a batch only what is missing is asked, in one call. Equal calls at the same time share one,
 * with its errors; one caller's abort leaves the others alone. Kept are judged verdicts and rewrites whose stream ended;
 * never `unknown`, errors or aborted calls. A backend that is not deterministic is not cached, unless `always`.
 * @throws AlignSquadError `invalid-options`.
 */
export function withCache<T extends Inspector | Aligner>(backend: T, options: CacheOptions = {}): T & Cached {
  const { always, ...parsed } = parseWith(optionsSchema, options, { what: 'cache options', code: 'invalid-options' });
  const bounds: CacheBounds = {
    maxEntries: parsed.maxEntries ?? 10_000,
    maxCharacters: parsed.maxCharacters ?? 10_000_000,
    ttlMs: parsed.ttlMs,
    now: parsed.now ?? (() => performance.now()),
  };
  const known: Inspector | Aligner = backend;
  if (known.contract !== 'inspector/1' && known.contract !== 'aligner/1') throw notABackend('an inspector or an aligner');
  if (!known.abilities.deterministic && always !== true) {
    return wrapBackend(backend, { stats: () => ({ hits: 0, misses: 0, entries: 0 }) });
  }
  if (known.contract === 'inspector/1') {
    const store = createCacheStore<Verdict>(bounds);
    return wrapBackend(backend, { inspect: cacheInspections(known, store), stats: () => store.stats() });
  }
  const store = createCacheStore<Correction>(bounds);
  return wrapBackend(backend, { align: cacheRewrites(known, store), stats: () => store.stats() });
}
