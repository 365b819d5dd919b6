import { createHash } from 'node:crypto';

/** Body of a chat completion request, as far as the test server reads it. */
export interface ChatRequestBody {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly max_tokens?: number | undefined;
  readonly stream?: boolean | undefined;
  readonly temperature?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: unknown;
  readonly response_format?: unknown;
  readonly logprobs?: boolean | undefined;
  readonly top_logprobs?: number | undefined;
}

// About what English text has.
const charactersPerToken = 4;

/** Names a body; equal bodies have one key. */
export function bodyKey(body: ChatRequestBody): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 32);
}

/** Tokens of a text in the count of the test server: one for four characters. */
export function countTestTokens(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** A token that could have been the next, and its log-probability. */
export interface CandidateToken {
  readonly token: string;
  readonly logprob: number;
}

/**
 * A chat completion that says `text`, cut off at `max_tokens` of the body. `places` are the candidates of each place of the
 * text [tokens][candidates], told when the body asks for them.
 */
export function chatCompletion(body: ChatRequestBody, text: string, places: readonly (readonly CandidateToken[])[] = []): Readonly<Record<string, unknown>> {
  const { content, finishReason } = cut(body, text);
  const input = countTestTokens(JSON.stringify(body.messages));
  const output = countTestTokens(content);
  return {
    id: `chatcmpl-${bodyKey(body)}`,
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: body.logprobs === true ? { content: places.map(describePlace) } : null, finish_reason: finishReason }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

/** The same answer as server-sent events, one an item; the last one is `[DONE]`. */
export function chatEvents(body: ChatRequestBody, text: string): readonly string[] {
  const { content, finishReason } = cut(body, text);
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({
      id: `chatcmpl-${bodyKey(body)}`,
      object: 'chat.completion.chunk',
      created: 0,
      model: body.model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const pieces = content.match(/[\s\S]{1,16}/g) ?? [];
  return [chunk({ role: 'assistant', content: '' }, null), ...pieces.map((piece) => chunk({ content: piece }, null)), chunk({}, finishReason), 'data: [DONE]\n\n'];
}

function describePlace(candidates: readonly CandidateToken[]): object {
  return { ...candidates[0], bytes: null, top_logprobs: candidates.map((candidate) => ({ ...candidate, bytes: null })) };
}

function cut(body: ChatRequestBody, text: string): { readonly content: string; readonly finishReason: 'stop' | 'length' } {
  const most = (body.max_tokens ?? Number.POSITIVE_INFINITY) * charactersPerToken;
  return text.length <= most ? { content: text, finishReason: 'stop' } : { content: text.slice(0, most), finishReason: 'length' };
}
