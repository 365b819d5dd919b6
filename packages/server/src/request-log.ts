import type { Outcome } from '@align-squad/squad';

/** What is logged of a request: no text, no key, no query string. */
export interface RequestLogEntry {
  /** When it ended, as ISO 8601. */
  readonly time: string;
  /** As in the header `x-request-id`. */
  readonly id: string;
  readonly method: string;
  /** Path of the route; `other` where there is none. */
  readonly route: string;
  /** 499 when the client went away first. */
  readonly status: number;
  readonly milliseconds: number;
  /** How the last answer in it ended. */
  readonly outcome?: Outcome | undefined;
  /** Code of what failed. */
  readonly error?: string | undefined;
}

/** Hears of each request after its last byte. */
export type RequestLogger = (entry: RequestLogEntry) => void;
