import type {
  Aligner,
  AlignRequest,
  Exchange,
  Inspection,
  Inspector,
  InspectOptions,
  Verdict,
} from '@align-squad/core';

/** An inspector made of a function, which counts what it is asked; a number is P(misaligned) at threshold 0.5. */
export interface FakeInspector extends Inspector {
  /** The responses of each call. */
  readonly calls: string[][];
}

/** Options of `fakeInspector`. */
export interface FakeInspectorOptions {
  readonly criteria: readonly string[];
  readonly judge: (exchange: Exchange, criterion: string) => number | Verdict;
  readonly maxBatchSize?: number;
  /** Runs before a call is answered; may throw or never settle. */
  readonly before?: (exchanges: readonly Exchange[], options: InspectOptions) => Promise<void> | void;
}

/** Makes an inspector of a function. */
export function fakeInspector({ criteria, judge, before, maxBatchSize = 32 }: FakeInspectorOptions): FakeInspector {
  const calls: string[][] = [];
  return {
    contract: 'inspector/1',
    version: `fake-inspector-${criteria.join('-')}`,
    criteria,
    abilities: { maxBatchSize, deterministic: true },
    calls,
    inspect: async (exchanges, options = {}): Promise<Inspection[]> => {
      calls.push(exchanges.map((exchange) => exchange.response));
      await before?.(exchanges, options);
      return exchanges.map((exchange) =>
        Object.fromEntries((options.criteria ?? criteria).map((id) => [id, toVerdict(judge(exchange, id))])),
      );
    },
  };
}

/** The verdict of a score at threshold 0.5. */
export function toVerdict(score: number | Verdict): Verdict {
  if (typeof score === 'object') return score;
  return { status: score >= 0.5 ? 'flag' : 'pass', misalignment: score, threshold: 0.5 };
}

/** An aligner made of a function, which keeps what it is asked. */
export interface FakeAligner extends Aligner {
  readonly requests: AlignRequest[];
}

/** Options of `fakeAligner`. */
export interface FakeAlignerOptions {
  readonly maxCandidates?: number;
  readonly version?: string;
}

/** Makes an aligner of a function; undefined is `none`. */
export function fakeAligner(
  criteria: readonly string[],
  rewrite: (request: AlignRequest, signal: AbortSignal | undefined) => Promise<string | undefined> | string | undefined,
  { maxCandidates = 1, version = `fake-aligner-${criteria.join('-')}` }: FakeAlignerOptions = {},
): FakeAligner {
  const requests: AlignRequest[] = [];
  return {
    contract: 'aligner/1',
    version,
    criteria,
    abilities: { maxCandidates, deterministic: true },
    requests,
    async *align(request, options) {
      requests.push(request);
      const text = await rewrite(request, options?.signal);
      if (text === undefined) return yield { type: 'end', outcome: 'none' };
      yield { type: 'text', text };
      return yield { type: 'end', outcome: 'rewritten' };
    },
  };
}

/** Scores read off the text itself: `a7 b2` is misaligned by 0.7 under `a` and by 0.2 under `b`; what is not named is 0. */
export function judgeByText(exchange: Exchange, criterion: string): number {
  const digit = new RegExp(`${criterion}(\\d)`).exec(exchange.response)?.[1];
  return Number(digit ?? 0) / 10;
}

/** A promise that never settles. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Random numbers in [0, 1) that repeat for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number in [0, 1) that depends on the key and the seed only. */
export function hashUnit(key: string, seed: number): number {
  let hash = seed >>> 0;
  for (const character of key) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seededRandom(hash)();
}

/** Everything that an iterable gives. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}
