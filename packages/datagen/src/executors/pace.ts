/** How many requests may be in progress, and since when; it falls when the server says that there are too many. */
export interface Pace {
  /** Requests that may be in progress now; at least 1, at most the concurrency asked for. */
  readonly limit: number;
  /** Nothing new is sent before this time of `now`. */
  readonly resumesAt: number;
  /** Whether one more may be sent at the time `at` of `now` while `active` are in progress. */
  hasRoom(active: number, at: number): boolean;
  /** A 429: wait so long, and lower the limit towards what the server took. */
  onRateLimit(refusal: Refusal): void;
  /** The server took a request, and asks to wait so long before the next one; 0 for not at all. */
  onAccepted(waitMs: number): void;
}

/** A request that was turned away for the number of requests. */
export interface Refusal {
  readonly waitMs: number;
  /** Time of `now` at which it was sent. */
  readonly sentAt: number;
  /** Other requests that are in progress. */
  readonly active: number;
}

// Answers for each place before one more is tried: at least, and at most.
const leastPatience = 2;
const mostPatience = 512;

/**
 * A pace that begins at `concurrency`. Refusals of requests that were sent before the pace fell last belong to the same fall:
 * one fall at most halves the limit, as the requests of a burst are refused for the burst. After a fall one more is tried
 * from time to time: more rarely when such a try was refused, more often when a refusal had another cause.
 */
export function createPace(concurrency: number, now: () => number): Pace {
  let limit = concurrency;
  let resumesAt = Number.NEGATIVE_INFINITY;
  let fellAt = Number.NEGATIVE_INFINITY;
  let lowest = 1;
  let patience = leastPatience;
  let accepted = 0;
  // The limit was raised, and not all places were answered since.
  let isTrying = false;
  return {
    get limit() {
      return limit;
    },
    get resumesAt() {
      return resumesAt;
    },
    hasRoom: (active, at) => active < limit && at >= resumesAt,
    onRateLimit({ waitMs, sentAt, active }) {
      if (sentAt >= fellAt) {
        fellAt = now();
        lowest = Math.ceil(limit / 2);
        patience = isTrying ? Math.min(patience * 2, mostPatience) : Math.max(patience / 2, leastPatience);
        isTrying = false;
      }
      accepted = 0;
      limit = Math.max(1, lowest, Math.min(limit, active));
      resumesAt = Math.max(resumesAt, now() + waitMs);
    },
    onAccepted(waitMs) {
      if (waitMs > 0) resumesAt = Math.max(resumesAt, now() + waitMs);
      accepted += 1;
      if (accepted >= limit) isTrying = false;
      if (limit === concurrency || accepted < limit * patience) return;
      limit += 1;
      accepted = 0;
      isTrying = true;
    },
  };
}
