import { APIConnectionError, APIError } from 'openai';
import { ExecutorStopError, type ExecutorStop } from './executor-stop.js';
import { retryAfterMs } from './rate-headers.js';

/** Why a call to a server gave nothing; `reason` is a short code without any text of the server or of the request. */
export type CallFailure =
  /** Too many requests: the server asks to wait, where it says how long. */
  | { readonly kind: 'rate-limited'; readonly waitMs: number | undefined }
  /** May go well another time. `isUnanswered`: the server may have done the work for nothing. */
  | { readonly kind: 'retry'; readonly reason: string; readonly isUnanswered: boolean; readonly isUnreachable?: boolean }
  /** This request will never go well. */
  | { readonly kind: 'final'; readonly reason: string }
  /** No request will go well. */
  | { readonly kind: 'stop'; readonly error: ExecutorStopError };

const noConnection = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_INVALID_URL']);
const mightPass = new Set([408, 409, 425]);

/** Sorts what a call of the SDK threw; `now` is the time of day in ms, for dates in `retry-after`. */
export function describeFailure(error: unknown, now: number): CallFailure {
  if (error instanceof APIConnectionError) {
    const isUnreachable = noConnection.has(codeOf(error.cause));
    return { kind: 'retry', reason: 'connection', isUnanswered: !isUnreachable, isUnreachable };
  }
  // Anything but an answer with an error: JSON that ended early, a connection that broke within it.
  if (!(error instanceof APIError) || error.status === undefined) {
    return { kind: 'retry', reason: error instanceof SyntaxError ? 'truncated' : 'connection', isUnanswered: true };
  }
  return describeStatus(Number(error.status), error, now);
}

/** The stop of a run whose server no connection can be made to. */
export function unreachable(): ExecutorStopError {
  return new ExecutorStopError('No connection to the server could be made: does it run, and is `baseUrl` right?', { stop: 'unreachable' });
}

function describeStatus(status: number, error: APIError, now: number): CallFailure {
  if (status === 401 || status === 403) return stop('unauthorized', `The server refused the key (${status}): is \`apiKey\` right, and may it use the model?`);
  if (status === 404) return stop('not-found', 'The server knows no such address or model (404): are `baseUrl` and the model right?');
  // The OpenAI API says in this way that the account is empty, which no waiting mends.
  if (status === 429 && error.code === 'insufficient_quota') return stop('quota-spent', 'The account at the server has no quota left (429).');
  if (status === 429) return { kind: 'rate-limited', waitMs: error.headers ? retryAfterMs(error.headers, now) : undefined };
  if (status >= 500 || mightPass.has(status)) return { kind: 'retry', reason: `http-${status}`, isUnanswered: false };
  return { kind: 'final', reason: `http-${status}` };
}

function stop(kind: ExecutorStop, message: string): CallFailure {
  return { kind: 'stop', error: new ExecutorStopError(message, { stop: kind }) };
}

// The SDK puts the error of `fetch` between its own and that of the socket.
function codeOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 3) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause, depth + 1) : '';
}
