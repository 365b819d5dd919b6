import { AlignSquadError } from '@align-squad/core';

/** Where requests go on to. */
export interface Upstream {
  /** URL of a path below the base, such as `/chat/completions`. */
  urlOf(path: string): string;
  /** The headers of a client's request that may go on, with the key that the upstream is to see. */
  headersFor(client: Headers): Headers;
}

/** What an upstream is made of. */
export interface UpstreamOptions {
  readonly upstream: string;
  readonly upstreamKey?: string | undefined;
  /** Whether the authorization of clients is for this server, and so never goes upstream. */
  readonly hasKeys: boolean;
}

const requestHeaders = ['content-type', 'accept', 'openai-organization', 'openai-project', 'idempotency-key', 'user-agent'];
const responseHeaders = ['content-type', 'x-request-id', 'x-align-squad', 'retry-after', 'openai-processing-ms', 'openai-version'];
const rateLimits = 'x-ratelimit-';

/** Reads the base URL. @throws AlignSquadError `invalid-options`, without the URL, which may hold a secret. */
export function createUpstream({ upstream, upstreamKey, hasKeys }: UpstreamOptions): Upstream {
  const base = readBase(upstream);
  return {
    urlOf: (path) => `${base}${path}`,
    headersFor(client) {
      const headers = pick(client, (name) => requestHeaders.includes(name) || (name === 'authorization' && !hasKeys));
      if (upstreamKey !== undefined) headers.set('authorization', `Bearer ${upstreamKey}`);
      return headers;
    },
  };
}

/** The headers of the upstream's response that clients get. */
export function headersForClient(upstream: Headers): Headers {
  return pick(upstream, (name) => responseHeaders.includes(name) || name.startsWith(rateLimits));
}

/**
 * `fetch` whose failures, also those of a body that breaks off, are `source-failed` without the text of the error, or the
 * reason of the signal.
 */
export async function fetchUpstream(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
  const signal = init?.signal ?? undefined;
  // without a cause, which could hold addresses of the network behind
  const failed = (message: string): unknown => (signal?.aborted === true ? signal.reason : new AlignSquadError(message, { code: 'source-failed' }));
  try {
    // a redirect could take the key to another host
    const response = await fetch(input, { ...init, redirect: 'error' });
    if (response.body === null) return response;
    const body = mapFailure(response.body, () => failed('The upstream broke off its answer.'));
    return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
  } catch {
    throw failed('The upstream could not be reached.');
  }
}

function mapFailure(body: ReadableStream<Uint8Array>, toError: () => unknown): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch {
          controller.error(toError());
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function readBase(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !isPlain || !/^https?:$/.test(url.protocol)) {
    throw new AlignSquadError('Expected `upstream` to be an http or https URL without credentials and query, as https://host/v1.', { code: 'invalid-options' });
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? '/v1' : path}`;
}

function pick(headers: Headers, isWanted: (name: string) => boolean): Headers {
  const picked = new Headers();
  headers.forEach((value, name) => {
    if (isWanted(name)) picked.set(name, value);
  });
  return picked;
}
