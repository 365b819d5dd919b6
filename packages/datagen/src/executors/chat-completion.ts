import { z } from 'zod';
import type { DatagenAnswer, DatagenRequest, RequestBody, TokenUsage } from './request.js';

/** Name of the field that limits the tokens of an answer: most servers know `max_tokens` alone, newer models of OpenAI refuse it. */
export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** A request body in the words of the chat completions API. */
export interface ChatBody {
  readonly model: string;
  readonly messages: RequestBody['messages'];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop?: readonly string[];
  readonly logprobs?: true;
  readonly top_logprobs?: number;
  readonly response_format?: {
    readonly type: 'json_schema';
    readonly json_schema: { readonly name: string; readonly schema: Readonly<Record<string, unknown>>; readonly strict: true };
  };
}

/** What a completion says, or a short code of why it says nothing. */
export type CompletionReading =
  | { readonly isReadable: true; readonly answer: DatagenAnswer; readonly usage: TokenUsage | undefined }
  | { readonly isReadable: false };

/** Schema of a `MaxTokensField`. */
export const maxTokensFieldSchema: z.ZodType<MaxTokensField> = z.enum(['max_tokens', 'max_completion_tokens']);

const tokens = z.int().min(0);

// Loose, as servers add fields of their own.
const completionSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
        logprobs: z.looseObject({ content: z.array(z.looseObject({ top_logprobs: z.array(z.object({ token: z.string(), logprob: z.number() })) })).nullish() }).nullish(),
      }),
    )
    .min(1),
  usage: z.looseObject({ prompt_tokens: tokens, completion_tokens: tokens.nullish() }).nullish(),
});

/** Turns a request body into one of the chat completions API. */
export function toChatBody(body: RequestBody, maxTokensField: MaxTokensField = 'max_tokens'): ChatBody {
  const { model, messages, maxTokens, temperature, seed, stop, schema, topLogprobs } = body;
  return {
    model,
    messages,
    [maxTokensField]: maxTokens,
    temperature,
    seed,
    ...(stop && stop.length > 0 && { stop }),
    ...(topLogprobs !== undefined && { logprobs: true, top_logprobs: topLogprobs }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } }),
  };
}

/**
 * Reads a completion. Without text it is a failed answer: `content-filter`, `refused` or `no-text`.
 * Usage that the server does not tell is zero in the answer.
 */
export function readCompletion({ id }: DatagenRequest | { readonly id: string }, completion: unknown): CompletionReading {
  const parsed = completionSchema.safeParse(completion);
  const choice = parsed.data?.choices[0];
  if (!choice) return { isReadable: false };
  const told = parsed.data?.usage;
  const usage = told ? { input: told.prompt_tokens, output: told.completion_tokens ?? 0 } : undefined;
  const { content, refusal } = choice.message;
  const read = (answer: DatagenAnswer): CompletionReading => ({ isReadable: true, answer, usage });
  if (choice.finish_reason === 'content_filter') return read({ id, ok: false, reason: 'content-filter' });
  if (typeof content === 'string') {
    const topLogprobs = choice.logprobs?.content?.map((place) => place.top_logprobs);
    const isComplete = choice.finish_reason === 'stop';
    return read({ id, ok: true, text: content, isComplete, usage: usage ?? { input: 0, output: 0 }, ...(topLogprobs && { topLogprobs }) });
  }
  return read({ id, ok: false, reason: refusal ? 'refused' : 'no-text' });
}
