import { raceAbort } from '@align-squad/core';
import type { HubSettings } from './hub-settings.js';
import type { TransformersModule } from './runtime.js';

/** The part of transformers.js's global settings that a download depends on. */
export type HubEnvironment = Pick<TransformersModule['env'], 'remoteHost' | 'fetch'>;

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `work`, a download by transformers.js, with the hub of the settings and a `fetch` that sends the token there and
 * ends with the signal. Those settings of transformers.js are global: one download runs at a time, and they are put back
 * at its end.
 */
export async function withHub<T>(
  environment: HubEnvironment,
  settings: HubSettings,
  { work, signal }: { readonly work: () => Promise<T>; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const turn = last.then(async () => {
    signal?.throwIfAborted();
    const { remoteHost, fetch } = environment;
    environment.remoteHost = settings.endpoint;
    environment.fetch = hubFetch(settings, fetch, signal);
    try {
      return await work();
    } finally {
      environment.remoteHost = remoteHost;
      environment.fetch = fetch;
    }
  });
  last = turn.catch(() => undefined);
  return raceAbort(turn, signal);
}

function hubFetch({ endpoint, token }: HubSettings, fetch: HubEnvironment['fetch'], signal: AbortSignal | undefined): HubEnvironment['fetch'] {
  const { origin } = new URL(endpoint);
  // What transformers.js gives here are the options of the standard `fetch`.
  return (input, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    // A redirect to another origin leaves it behind.
    if (token !== undefined && new URL(input).origin === origin) headers.set('Authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers, ...(signal && { signal }) });
  };
}
