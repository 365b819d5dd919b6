import { AlignSquadError, type ErrorCode } from '@align-squad/core';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** An error as clients see it. */
export interface ErrorReply {
  readonly status: number;
  /** A string that code can switch on. */
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

interface Refusal {
  readonly code: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const statuses: Partial<Record<ErrorCode, number>> = {
  'invalid-options': 400,
  'invalid-exchange': 400,
  'unknown-criterion': 400,
  blocked: 422,
  'source-failed': 502,
  disposed: 503,
  'deadline-exceeded': 504,
};

/** The error that answers a request with this status; the message goes to the client. */
export function refuse(status: number, message: string, refusal: Refusal): HTTPException {
  // any status that may have a body will do, also those without a name, as 499
  return new HTTPException(status as ContentfulStatusCode, { message, cause: refusal });
}

/** What a client is told of an error: of ours code and message, of others nothing but that it was one. */
export function describeError(error: unknown): ErrorReply {
  if (error instanceof HTTPException) {
    // the cause that `refuse` gives
    const { code = 'invalid_request', headers } = (error.cause ?? {}) as Partial<Refusal>;
    return { status: error.status, code, message: error.message, headers };
  }
  if (AlignSquadError.isInstance(error)) return { status: statuses[error.code] ?? 500, code: error.code, message: error.message };
  return { status: 500, code: 'internal-error', message: 'The server failed.' };
}

/** An error in the shape of the OpenAI API. */
export function errorBody({ status, code, message }: ErrorReply): object {
  return { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code } };
}

/** The response that tells a client of an error. */
export function errorToResponse(error: unknown): Response {
  const reply = describeError(error);
  return Response.json(errorBody(reply), { status: reply.status, headers: { ...reply.headers } });
}

/** The last event of a stream that fails after it began; the openai client throws it as an `APIError`. */
export function errorEvent(error: unknown): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(errorBody(describeError(error)))}\n\n`);
}
