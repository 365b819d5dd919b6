import type { OpenAI } from 'openai';
import { describeFailure, type CallFailure } from './call-failure.js';
import { readCompletion, toChatBody } from './chat-completion.js';
import { exhaustedMs } from './rate-headers.js';
import type { DatagenAnswer, DatagenRequest, TokenUsage } from './request.js';
import { isTimedOut, withDeadline } from './with-deadline.js';

/** How one attempt at a request ended. */
export type AttemptOutcome = CallFailure | { readonly kind: 'answered'; readonly answer: DatagenAnswer; readonly usage: TokenUsage | undefined; /** How long the server asks to wait before the next request. */ readonly waitMs: number };

/** What an attempt works with. */
export interface AttemptOptions {
  readonly client: OpenAI;
  /** From sending to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Asks once. Only an abort rejects, with the reason of the signal. */
export async function attemptRequest(request: DatagenRequest, { client, timeoutMs, signal }: AttemptOptions): Promise<AttemptOutcome> {
  try {
    const reply = await withDeadline((inner) => ask(client, request, inner), { timeoutMs, signal });
    if (isTimedOut(reply)) return { kind: 'retry', reason: 'timeout', isUnanswered: true };
    const reading = readCompletion(request, reply.completion);
    if (!reading.isReadable) return { kind: 'retry', reason: 'malformed', isUnanswered: true };
    return { kind: 'answered', answer: reading.answer, usage: reading.usage, waitMs: exhaustedMs(reply.headers) };
  } catch (error) {
    signal.throwIfAborted();
    return describeFailure(error, Date.now());
  }
}

async function ask(client: OpenAI, request: DatagenRequest, signal: AbortSignal): Promise<{ readonly completion: unknown; readonly headers: Headers }> {
  // The SDK types the names of roles and parts more closely than servers do.
  const body = toChatBody(request.body) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
  const { data, response } = await client.chat.completions.create(body, { signal }).withResponse();
  return { completion: data, headers: response.headers };
}
