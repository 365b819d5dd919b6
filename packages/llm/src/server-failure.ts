import { AlignSquadError } from '@align-squad/core';
import { APIConnectionError, APIError } from 'openai';

/**
 * What went wrong with a call to a server, as `generator-failed`. It has no `cause`: errors of clients and servers may
 * repeat the key and the texts of a request, in messages, headers and bodies; status and system code are told in the message.
 */
export function toServerFailure(error: unknown): AlignSquadError {
  return AlignSquadError.isInstance(error) ? error : new AlignSquadError(describe(error), { code: 'generator-failed' });
}

function describe(error: unknown): string {
  if (error instanceof APIConnectionError) {
    return `The server could not be reached${withSystemCode(error)}; check \`baseUrl\` and that the server runs.`;
  }
  if (error instanceof APIError) {
    // An error event within a stream has no status.
    return error.status === undefined ? 'The server ended its answer with an error.' : describeStatus(error.status);
  }
  if (error instanceof SyntaxError) return 'The answer of the server is not JSON.';
  return `The connection to the server broke before its answer was complete${withSystemCode(error)}.`;
}

function describeStatus(status: number): string {
  if (status === 401 || status === 403) return `The server refused the API key (status ${status}); check \`apiKey\`.`;
  if (status === 404) return 'The server does not know the address or the model (status 404); check `baseUrl` and `model`.';
  if (status === 429) return 'The server takes no more requests now, or the quota is spent (status 429).';
  if (status >= 500) return `The server failed (status ${status}).`;
  return `The server did not take the request (status ${status}); it may be too long, or ask for what the model can't do.`;
}

/** The first code of an error or its causes, such as ` (ECONNREFUSED)`; codes of the system hold no text. */
function withSystemCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^[A-Z][A-Z_]{2,40}$/.test(at.code)) return ` (${at.code})`;
  }
  return '';
}
