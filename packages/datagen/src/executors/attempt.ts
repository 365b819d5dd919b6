import { APIError, type OpenAI } from 'openai';
import { describeFailure, type CallFailure } from './call-failure.js';
import { readCompletion, toChatBody, type MaxTokensField } from './chat-completion.js';
import { exhaustedMs } from './rate-headers.js';
import type { DatagenAnswer, DatagenRequest, TokenUsage } from './request.js';
import { isTimedOut, withDeadline } from './with-deadline.js';

/** How one attempt at a request ended. */
export type AttemptOutcome = CallFailure | { readonly kind: 'answered'; readonly answer: DatagenAnswer; readonly usage: TokenUsage | undefined; /** How long the server asks to wait before the next request. */ readonly waitMs: number };

/** What an attempt works with. */
export interface AttemptOptions {
  readonly client: OpenAI;
  readonly tokenFields: TokenFields;
  /** From sending to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Under which name each model takes the limit of tokens; learned once a model, where a server says that it knows another. */
export interface TokenFields {
  of(model: string): MaxTokensField;
  /** Learns from an error; whether the request may go well under the new name. */
  learn(model: string, asked: MaxTokensField, error: unknown): boolean;
}

/** Starts with one name for all models. */
export function createTokenFields(first: MaxTokensField): TokenFields {
  const others = new Set<string>();
  return {
    of: (model) => (others.has(model) ? 'max_completion_tokens' : first),
    learn(model, asked, error) {
      const isRefused = asked === 'max_tokens' && error instanceof APIError && error.status === 400 && error.param === 'max_tokens' && error.code === 'unsupported_parameter';
      if (isRefused) others.add(model);
      return isRefused;
    },
  };
}

/** Asks once. Only an abort rejects, with the reason of the signal. */
export async function attemptRequest(request: DatagenRequest, { client, tokenFields, timeoutMs, signal }: AttemptOptions): Promise<AttemptOutcome> {
  try {
    const reply = await withDeadline((inner) => ask({ client, tokenFields }, request, inner), { timeoutMs, signal });
    if (isTimedOut(reply)) return { kind: 'retry', reason: 'timeout', isUnanswered: true };
    const reading = readCompletion(request, reply.completion);
    if (!reading.isReadable) return { kind: 'retry', reason: 'malformed', isUnanswered: true };
    return { kind: 'answered', answer: reading.answer, usage: reading.usage, waitMs: exhaustedMs(reply.headers) };
  } catch (error) {
    signal.throwIfAborted();
    return describeFailure(error, Date.now());
  }
}

async function ask({ client, tokenFields }: Pick<AttemptOptions, 'client' | 'tokenFields'>, request: DatagenRequest, signal: AbortSignal): Promise<{ readonly completion: unknown; readonly headers: Headers }> {
  const { model } = request.body;
  const field = tokenFields.of(model);
  // The SDK types the names of roles and parts more closely than servers do.
  const send = (name: MaxTokensField) =>
    client.chat.completions.create(toChatBody(request.body, name) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming, { signal }).withResponse();
  const { data, response } = await send(field).catch((error: unknown) => {
    if (tokenFields.learn(model, field, error)) return send('max_completion_tokens');
    throw error;
  });
  return { completion: data, headers: response.headers };
}
