import { AlignSquadError, parseWith, type GenerateEvent, type GenerateRequest, type TextGenerator, type TokenLogprob } from '@align-squad/core';
import { z } from 'zod';
import { openCallScope, type CallScope } from '../call-scope.js';
import { createChatClient, type ClientOptions } from '../chat-client.js';
import { toServerFailure } from '../server-failure.js';
import { toChatBody, toTextBody, type MaxTokensField } from './completion-request.js';
import { readChatChunk, readTextChunk, type StreamChunk } from './stream-chunk.js';

/** Options of `createOpenaiGenerator`. */
export interface OpenaiGeneratorOptions extends ClientOptions {
  readonly model: string;
  /** `chat` asks `/chat/completions`; `completions` sends the prompt as it is to `/completions`, for models with a text format of their own. @default 'chat' */
  readonly endpoint?: 'chat' | 'completions' | undefined;
  /** Attempts after the first when the server fails, refuses for now or can't be reached; not once its answer has begun. 0 to 20. @default 2 */
  readonly maxRetries?: number | undefined;
  /** Longest time from sending to the last byte, waits between attempts and pauses of the reader included. @default 120000 */
  readonly timeoutMs?: number | undefined;
  /** Name of the field that limits the tokens of a chat completion. @default 'max_tokens' */
  readonly maxTokensField?: MaxTokensField | undefined;
  /** Further headers of each request. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Fields that are laid over the body of each request, such as `{ reasoning_effort: 'low' }`. @default none */
  readonly extraBody?: Readonly<Record<string, unknown>> | undefined;
  /** Names the model in results and caches. @default `model` */
  readonly version?: string | undefined;
}

const optionsSchema: z.ZodType<OpenaiGeneratorOptions> = z.strictObject({
  baseUrl: z.url(),
  apiKey: z.string().min(1).optional(),
  fetch: z.custom<typeof fetch>((value) => typeof value === 'function').optional(),
  model: z.string().min(1),
  endpoint: z.enum(['chat', 'completions']).optional(),
  maxRetries: z.int().min(0).max(20).optional(),
  timeoutMs: z.number().gt(0).max(2 ** 31 - 1).optional(),
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  extraBody: z.record(z.string(), z.unknown()).optional(),
  version: z.string().min(1).optional(),
});

/**
 * A language model on an OpenAI-compatible server, its text as it comes. `schema` becomes a `json_schema` response format
 * (chat only), `topLogprobs` what servers tell as `top_logprobs`; `tool` messages are sent as a user's, text without whole
 * characters as U+FFFD.
 *
 * An abort, or a reader that stops, closes the connection. `generate` throws `generator-failed` for a refused key, a failed
 * server, an answer that breaks off, is late, refused or filtered; its message names the status and holds no key and no text.
 * @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function createOpenaiGenerator(options: OpenaiGeneratorOptions): TextGenerator {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createOpenaiGenerator`', code: 'invalid-options' });
  const { model, endpoint = 'chat', maxRetries = 2, timeoutMs = 120_000, maxTokensField = 'max_tokens', headers, extraBody = {} } = parsed;
  const client = createChatClient(parsed, maxRetries);
  const settings = { model, maxTokensField, extraBody };
  const send = (request: GenerateRequest, signal: AbortSignal): PromiseLike<AsyncIterable<unknown>> =>
    endpoint === 'chat'
      ? client.post('/chat/completions', { body: toChatBody(request, settings), stream: true, signal, ...(headers && { headers }) })
      : client.post('/completions', { body: toTextBody(request, settings), stream: true, signal, ...(headers && { headers }) });
  return {
    contract: 'text-generator/1',
    version: parsed.version ?? model,
    async *generate(
      request: GenerateRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): AsyncGenerator<GenerateEvent> {
      signal?.throwIfAborted();
      const scope = openCallScope({ timeoutMs, signal });
      try {
        const events = await scope.race(Promise.resolve(send(request, scope.signal)));
        yield* readEvents(events, endpoint === 'chat' ? readChatChunk : readTextChunk, scope);
      } catch (error) {
        scope.throwIfStopped();
        throw toServerFailure(error);
      } finally {
        scope.end();
      }
    },
  };
}

async function* readEvents(
  events: AsyncIterable<unknown>,
  read: (event: unknown) => StreamChunk | undefined,
  scope: CallScope,
): AsyncGenerator<GenerateEvent> {
  const iterator = events[Symbol.asyncIterator]();
  const places: (readonly TokenLogprob[])[] = [];
  let finishReason: string | undefined;
  try {
    for (let next = await scope.race(iterator.next()); next.done !== true; next = await scope.race(iterator.next())) {
      const chunk = read(next.value);
      if (!chunk) continue;
      if (chunk.isRefusal) throw failed('The model refused to answer.');
      places.push(...chunk.places);
      finishReason ??= chunk.finishReason;
      if (chunk.text !== '') yield { type: 'text', text: chunk.text };
      scope.throwIfStopped();
    }
  } finally {
    // Not awaited, as it comes after a read that may never settle.
    iterator.return?.().catch(() => undefined);
  }
  // The client ends a stream that is aborted as if it were complete.
  scope.throwIfStopped();
  yield { type: 'end', reason: toReason(finishReason), ...(places.length > 0 && { topLogprobs: places }) };
}

function toReason(finishReason: string | undefined): 'stop' | 'length' {
  switch (finishReason) {
    case 'stop':
    case 'length':
      return finishReason;
    case undefined:
      throw failed('The answer of the server broke off before its end.');
    case 'content_filter':
      throw failed('The content filter of the server cut the answer off.');
    case 'tool_calls':
    case 'function_call':
      throw failed('The model called a tool instead of answering.');
    default:
      // Its name is text of the server.
      throw failed('The server ended the answer for an unknown reason.');
  }
}

function failed(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'generator-failed' });
}
