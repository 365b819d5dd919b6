/** The part of `Headers` that is read. */
export type HeaderSource = Pick<Headers, 'get'>;

// A timer holds no more than 2^31 ms, and nobody waits longer than this for a limit.
const longestWaitMs = 3_600_000;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How long `retry-after-ms` or `retry-after` (seconds or a date) asks to wait, at most an hour; `now` is the time of day in ms. */
export function retryAfterMs(headers: HeaderSource, now: number): number | undefined {
  const ms = toNumber(headers.get('retry-after-ms'));
  if (ms !== undefined) return limitWait(ms);
  const value = headers.get('retry-after');
  const seconds = toNumber(value);
  if (seconds !== undefined) return limitWait(seconds * 1000);
  const date = Date.parse(value ?? '');
  return Number.isNaN(date) ? undefined : limitWait(date - now);
}

/** How long to wait when `x-ratelimit-remaining-requests` or `-tokens` says that nothing is left; 0 when something is. */
export function exhaustedMs(headers: HeaderSource): number {
  const waits = ['requests', 'tokens'].map((unit) =>
    toNumber(headers.get(`x-ratelimit-remaining-${unit}`)) === 0 ? parseDuration(headers.get(`x-ratelimit-reset-${unit}`) ?? '') : 0,
  );
  return limitWait(Math.max(...waits));
}

/** Milliseconds of a duration such as `6m0s`, `20ms`, `1.5s`, or seconds without a unit; 0 for anything else. */
export function parseDuration(text: string): number {
  const seconds = toNumber(text);
  if (seconds !== undefined) return seconds * 1000;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return 0;
  return [...text.matchAll(/([\d.]+)(ms|[smhd])/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0);
}

function toNumber(text: string | null): number | undefined {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function limitWait(ms: number): number {
  return Math.min(Math.max(ms, 0), longestWaitMs);
}
