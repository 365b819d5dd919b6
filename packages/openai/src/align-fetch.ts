import { parseWith, type Criterion } from '@align-squad/core';
import { bindSquad, type AdapterOptions } from '@align-squad/embedded';
import { z } from 'zod';
import { alignEvents } from './align-events.js';
import { createAlignedTexts, type AlignedTexts } from './aligned-texts.js';
import { alignChatCompletion } from './chat-completion.js';
import { chatProtocol } from './chat-stream.js';
import { malformed, parseJson } from './json.js';
import { readRequest, type AlignableRequest, type ContextOf } from './request.js';
import { alignResponse } from './response-object.js';
import { responseProtocol } from './response-stream.js';

/** Where the report on an answer goes: never text of an exchange, as `reportResult` gives it. */
export type ReportTarget = 'header' | 'body' | 'both' | 'none';

/** Options of `alignFetch`. */
export interface AlignFetchOptions extends AdapterOptions {
  /** Does the requests. @default `globalThis.fetch`, looked up by each call */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Text that answers must be grounded in, or a function of the request's body that gives it. @default none */
  readonly context?: ContextOf | undefined;
  /**
   * `header`: outcomes as `x-align-squad`, for answers in one piece. `body`: a report as `align_squad` on each choice of a
   * chat completion, or on the response as a list. @default 'both'
   */
  readonly report?: ReportTarget | undefined;
}

type OwnOptions = Pick<AlignFetchOptions, 'context' | 'report'> & { readonly fetch?: unknown };

// the rest is checked by `bindSquad`
const ownSchema: z.ZodType<OwnOptions> = z.looseObject({
  fetch: z.custom((value) => typeof value === 'function', 'Expected a function.').optional(),
  context: z.custom<ContextOf>((value) => typeof value === 'string' || typeof value === 'function', 'Expected a string or a function.').optional(),
  report: z.enum(['header', 'body', 'both', 'none']).optional(),
});

const header = 'x-align-squad';
const protocols = {
  chat: { align: alignChatCompletion, events: chatProtocol },
  responses: { align: alignResponse, events: responseProtocol },
} as const;

/**
 * A `fetch` that aligns the answers of POST `.../chat/completions` and `.../responses`, in one piece or streamed, and
 * passes everything else through.
 * @throws AlignSquadError `invalid-options`. The calls reject, or their streams fail, with `invalid-exchange` (a body of a
 * request that can't be read), `source-failed` (an answer that can't be read) and what `bindSquad` says; errors of `fetch`
 * stay as they are.
 * @example
 * ```ts
 * import { alignFetch } from '@align-squad/openai';
 * import OpenAI from 'openai';
 *
 * const client = new OpenAI({ apiKey: 'key', fetch: alignFetch(['ethical']) });
 * ```
 */
export function alignFetch(criteria?: readonly (string | Criterion)[], options: AlignFetchOptions = {}): typeof globalThis.fetch {
  parseWith(ownSchema, options, { what: 'options', code: 'invalid-options' });
  const { fetch, context, report = 'both', ...rest } = options;
  const bound = bindSquad(criteria, rest);
  const hasHeader = report === 'header' || report === 'both';
  return async (input, init) => {
    const request = await readRequest(input, init, context);
    const response = await (fetch ?? globalThis.fetch)(input, init);
    if (request === undefined || !response.ok) return response;
    const texts = createAlignedTexts(bound, request, report === 'body' || report === 'both');
    const isStream = response.headers.get('content-type')?.toLowerCase().includes('text/event-stream') === true;
    return isStream ? alignStreamed(response, texts, request) : alignWhole(response, texts, request, hasHeader);
  };
}

async function alignWhole(response: Response, texts: AlignedTexts, { protocol }: AlignableRequest, hasHeader: boolean): Promise<Response> {
  const { body, ids } = await protocols[protocol].align(parseJson(decode(await response.arrayBuffer())), texts);
  const outcomes = ids.map((id) => texts.get(id)?.report.outcome ?? 'skipped');
  return replaceBody(response, JSON.stringify(body), hasHeader ? outcomes.join(', ') || 'skipped' : undefined);
}

function alignStreamed(response: Response, texts: AlignedTexts, { protocol }: AlignableRequest): Response {
  if (response.body === null) throw malformed('to have a body');
  return replaceBody(response, alignEvents(response.body, texts, protocols[protocol].events(texts)), undefined);
}

function replaceBody({ status, statusText, headers: given }: Response, body: BodyInit, outcomes: string | undefined): Response {
  const headers = new Headers(given);
  // true of the raw body only
  for (const name of ['content-length', 'content-encoding', 'content-md5', 'content-digest', 'digest', 'etag', 'transfer-encoding', header]) headers.delete(name);
  if (outcomes !== undefined) headers.set(header, outcomes);
  return new Response(body, { status, statusText, headers });
}

function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('to be UTF-8');
  }
}
