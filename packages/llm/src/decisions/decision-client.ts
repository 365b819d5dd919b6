import { parseWith, promptText, type Message } from '@align-squad/core';
import { z } from 'zod';
import { openCallScope } from '../call-scope.js';
import { createChatClient, type ClientOptions } from '../chat-client.js';
import { toServerFailure } from '../server-failure.js';
import { wellFormed } from '../well-formed.js';
import { decisionQuestionsSchema, readDecisions, toWireQuestion, type DecisionProbabilities, type DecisionQuestion } from './decision-question.js';

/** Options of `createDecisionClient`. */
export interface DecisionClientOptions extends ClientOptions {
  /** A model of a server with `POST /decisions`. */
  readonly model: string;
  /** Attempts after the first when the server fails, refuses for now or can't be reached, 0 to 20. @default 2 */
  readonly maxRetries?: number | undefined;
  /** Longest time from sending to the last byte, waits between attempts included. @default 60000 */
  readonly timeoutMs?: number | undefined;
  /** Further headers of each request. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Questions about one input. */
export interface DecisionRequest {
  /** The text that the questions are about; messages are joined as in `promptText`. */
  readonly input: string | readonly Message[];
  readonly questions: readonly DecisionQuestion[];
}

/** A model that answers typed questions by probabilities and generates no text. */
export interface DecisionClient {
  /**
   * The probabilities of each question by its id. Rejects with `generator-failed`, also when one question was refused, with
   * `invalid-options` for questions that are not valid, or with the signal's reason.
   */
  decide(request: DecisionRequest, options?: { readonly signal?: AbortSignal | undefined }): Promise<Readonly<Record<string, DecisionProbabilities>>>;
}

const optionsSchema: z.ZodType<DecisionClientOptions> = z.strictObject({
  baseUrl: z.url(),
  apiKey: z.string().min(1).optional(),
  fetch: z.custom<typeof fetch>((value) => typeof value === 'function').optional(),
  model: z.string().min(1),
  maxRetries: z.int().min(0).max(20).optional(),
  timeoutMs: z.number().gt(0).max(2 ** 31 - 1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

/**
 * Asks `POST /decisions` of OpenAI's Decisions API (public beta of October 2026) or a server that speaks it: `choice`
 * questions, and boolean ones as `predicate`. Messages of errors hold no key and no text.
 * @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function createDecisionClient(options: DecisionClientOptions): DecisionClient {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createDecisionClient`', code: 'invalid-options' });
  const { model, maxRetries = 2, timeoutMs = 60_000, headers } = parsed;
  const client = createChatClient(parsed, maxRetries);
  return {
    async decide({ input, questions }, { signal } = {}) {
      signal?.throwIfAborted();
      parseWith(decisionQuestionsSchema, questions, { what: 'questions of a decision', code: 'invalid-options' });
      const body = { model, input: wellFormed(promptText(input)), questions: questions.map(toWireQuestion) };
      const scope = openCallScope({ timeoutMs, signal });
      try {
        const call = client.post<unknown>('/decisions', { body, signal: scope.signal, ...(headers && { headers }) });
        return readDecisions(questions, await scope.race(Promise.resolve(call)));
      } catch (error) {
        scope.throwIfStopped();
        throw toServerFailure(error);
      } finally {
        scope.end();
      }
    },
  };
}
