import { OpenAI } from 'openai';

/** Where and with what key a server is asked. */
export interface ClientOptions {
  /** Base of the API, as `http://localhost:8000/v1`. */
  readonly baseUrl: string;
  /** @default none, as local servers need none */
  readonly apiKey?: string | undefined;
  /** @default the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

// Deadlines are kept outside, as that of the SDK ends with the first byte; this one is beyond all of them.
const sdkTimeoutMs = 2 ** 31 - 1;

/** A client that tries `maxRetries` times after the first, logs nothing, and takes no key or address from the environment. */
export function createChatClient({ baseUrl, apiKey, fetch }: ClientOptions, maxRetries: number): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries,
    timeout: sdkTimeoutMs,
    logLevel: 'off',
    ...(fetch && { fetch }),
  });
}
