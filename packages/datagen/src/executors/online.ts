import { type ClientOptions, createChatClient } from '@align-squad/llm';
import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import { attemptRequest, createTokenFields } from './attempt.js';
import { createBackoff } from './backoff.js';
import { createBudgetAccount, modelPricesSchema, type ExecutorBudget } from './budget.js';
import { maxTokensFieldSchema, type MaxTokensField } from './chat-completion.js';
import type { Executor } from './executor.js';
import { RequestPump } from './request-pump.js';

/** Options of `createOnlineExecutor`. */
export interface OnlineExecutorOptions extends ClientOptions {
  /** Most requests in progress at once, 1 to 4096. @default 16 */
  readonly concurrency?: number | undefined;
  /** Attempts after the first, 0 to 20, when a server fails or a connection breaks. @default 5 */
  readonly maxRetries?: number | undefined;
  /** Hard limits of all runs of this executor. @default no limit */
  readonly budget?: ExecutorBudget | undefined;
  /** Longest time of one attempt, to the last byte. @default 240000 */
  readonly timeoutMs?: number | undefined;
  /** Mean wait before the second attempt; it doubles with each further one, up to 60 s. @default 500 */
  readonly retryDelayMs?: number | undefined;
  /**
   * Name of the field that limits the tokens of an answer. Where a server refuses `max_tokens` as unsupported, the other name
   * is taken from then on for that model. @default 'max_tokens'
   */
  readonly maxTokensField?: MaxTokensField | undefined;
  /** Uniform in [0, 1), for the jitter of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

const optionsSchema: z.ZodType<OnlineExecutorOptions> = z.strictObject({
  baseUrl: z.url(),
  apiKey: z.string().min(1).optional(),
  fetch: z.custom<typeof fetch>((value) => typeof value === 'function').optional(),
  concurrency: z.int().min(1).max(4096).optional(),
  maxRetries: z.int().min(0).max(20).optional(),
  budget: z
    .strictObject({
      tokens: z.number().min(0).optional(),
      money: z.number().min(0).optional(),
      prices: modelPricesSchema.optional(),
    })
    .optional(),
  timeoutMs: z.number().gt(0).max(2 ** 31 - 1).optional(),
  retryDelayMs: z.number().min(0).max(60_000).optional(),
  maxTokensField: maxTokensFieldSchema.optional(),
  random: z.custom<() => number>((value) => typeof value === 'function').optional(),
});

/**
 * Asks an OpenAI-compatible server, request by request.
 *
 * A server error, a broken connection, a timeout or an unreadable answer is tried again with a wait that doubles and has
 * jitter; after `maxRetries` the answer is `{ ok: false, reason }` with `http-500`, `connection`, `timeout`, `truncated` or
 * `malformed`. A 429 is not a failure: the executor sends nothing for as long as `retry-after` says, lowers its concurrency
 * to what the server takes and feels its way up again; the request comes again up to 50 times. It also waits when the
 * `x-ratelimit` headers say that nothing is left. Other refusals are final: `http-400` and so on.
 *
 * The run ends with an `ExecutorStopError` (code `generator-failed`) when the key is refused, the address or model is not
 * known, no connection can be made, the account is empty, or the budget is spent. The budget is never exceeded: before a
 * request is sent, the most that it can cost is held back (its bytes as input tokens, `maxTokens` as output), and attempts
 * whose cost nobody knows count as that. Only for pictures is this an estimate. Requests in progress are given out first.
 *
 * @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function createOnlineExecutor(options: OnlineExecutorOptions): Executor {
  const parsed = parseWith(optionsSchema, options, { what: 'options of an online executor', code: 'invalid-options' });
  const { concurrency = 16, maxRetries = 5, budget = {}, timeoutMs = 240_000, retryDelayMs = 500, maxTokensField = 'max_tokens', random = Math.random } = parsed;
  const client = createChatClient(parsed, 0);
  const account = createBudgetAccount(budget);
  const tokenFields = createTokenFields(maxTokensField);
  const backoffMs = createBackoff(retryDelayMs, random);
  return {
    name: 'online',
    run: (requests, { signal }) =>
      new RequestPump(requests, {
        attempt: (request, inner) => attemptRequest(request, { client, tokenFields, timeoutMs, signal: inner }),
        account,
        concurrency,
        maxRetries,
        backoffMs,
        signal,
      }).answers(),
  };
}
