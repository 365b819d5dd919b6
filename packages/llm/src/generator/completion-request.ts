import { promptText, type GenerateRequest, type Message } from '@align-squad/core';
import { wellFormed } from '../well-formed.js';

/** Name of the field that limits the tokens of an answer. */
export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** What a request is sent with. */
export interface CompletionSettings {
  readonly model: string;
  readonly maxTokensField: MaxTokensField;
  /** Fields that are laid over those of each request. */
  readonly extraBody: Readonly<Record<string, unknown>>;
}

type Body = Readonly<Record<string, unknown>>;

/** Most tokens of a text completion where a request names none; servers would end it after 16. */
export const defaultTextTokens = 512;

/** The body of `POST /chat/completions`. A string is the message of a user. */
export function toChatBody(request: GenerateRequest, { model, maxTokensField, extraBody }: CompletionSettings): Body {
  const { prompt, maxTokens, schema, topLogprobs } = request;
  const messages: readonly Message[] = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role: role === 'tool' ? 'user' : role, content: wellFormed(content) })),
    ...sampling(request),
    ...(maxTokens !== undefined && { [maxTokensField]: maxTokens }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { ...schema, strict: true } } }),
    ...(topLogprobs !== undefined && { logprobs: true, top_logprobs: topLogprobs }),
    ...extraBody,
    stream: true,
  };
}

/** The body of `POST /completions`. Messages are joined as in `promptText`; a schema is left to the prompt. */
export function toTextBody(request: GenerateRequest, { model, extraBody }: CompletionSettings): Body {
  const { prompt, maxTokens = defaultTextTokens, topLogprobs } = request;
  return {
    model,
    prompt: wellFormed(promptText(prompt)),
    ...sampling(request),
    max_tokens: maxTokens,
    ...(topLogprobs !== undefined && { logprobs: topLogprobs }),
    ...extraBody,
    stream: true,
  };
}

function sampling({ temperature = 0, stop = [], seed }: GenerateRequest): Body {
  return { temperature, ...(stop.length > 0 && { stop }), ...(seed !== undefined && { seed }) };
}
