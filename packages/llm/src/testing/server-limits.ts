/** Limits of a test server. */
export interface ServerLimitOptions {
  /** Requests in progress beyond which others get a 429. @default no limit */
  readonly maxConcurrent?: number | undefined;
  /** Requests that are let in in each window of time. @default no limit */
  readonly rateLimit?: { readonly requests: number; readonly windowMs: number } | undefined;
  /** `retry-after` of the 429s of `maxConcurrent` and of planned faults. @default 20 */
  readonly retryAfterMs?: number | undefined;
}

/** Whether a request is let in, and the headers that tell the client. */
export interface Admission {
  readonly isAdmitted: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Decides over requests by limits. */
export interface ServerLimits {
  /** `active` counts the requests in progress without this one. */
  admit(active: number): Admission;
  /** Headers of a 429 that a fault plan asks for. */
  refusal(): Readonly<Record<string, string>>;
}

/** Limits over fixed windows that begin with the first request; `now` gives milliseconds. */
export function createServerLimits(options: ServerLimitOptions, now: () => number = () => performance.now()): ServerLimits {
  const { maxConcurrent = Number.POSITIVE_INFINITY, rateLimit, retryAfterMs = 20 } = options;
  let window = { endsAt: Number.NEGATIVE_INFINITY, used: 0 };
  const retryAfter = (ms: number): Readonly<Record<string, string>> => ({
    'retry-after': String(Math.ceil(ms / 1000)),
    'retry-after-ms': String(Math.ceil(ms)),
  });
  const state = (limit: number, remaining: number, resetMs: number): Readonly<Record<string, string>> => ({
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(Math.max(0, remaining)),
    'x-ratelimit-reset-requests': `${Math.ceil(resetMs)}ms`,
  });
  return {
    refusal: () => retryAfter(retryAfterMs),
    admit(active) {
      if (active >= maxConcurrent) {
        return { isAdmitted: false, headers: { ...retryAfter(retryAfterMs), ...state(maxConcurrent, 0, retryAfterMs) } };
      }
      if (!rateLimit) {
        // At least this request's own place is free again once it is answered.
        return { isAdmitted: true, headers: Number.isFinite(maxConcurrent) ? state(maxConcurrent, maxConcurrent - active, 0) : {} };
      }
      const at = now();
      if (at >= window.endsAt) window = { endsAt: at + rateLimit.windowMs, used: 0 };
      const leftMs = window.endsAt - at;
      if (window.used >= rateLimit.requests) {
        return { isAdmitted: false, headers: { ...retryAfter(leftMs), ...state(rateLimit.requests, 0, leftMs) } };
      }
      window.used += 1;
      return { isAdmitted: true, headers: state(rateLimit.requests, rateLimit.requests - window.used, leftMs) };
    },
  };
}
