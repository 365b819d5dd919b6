import { cutAnswer, bodyKey, countTestTokens, eachPiece, eventOf, lastEvent, type AnswerBody, type CandidateToken } from './answer-body.js';

/** Body of a chat completion request, as far as the test server reads it. */
export interface ChatRequestBody extends AnswerBody {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly response_format?: unknown;
  readonly logprobs?: boolean | undefined;
  readonly top_logprobs?: number | undefined;
}

/**
 * A chat completion that says `text`, cut off at a stop text or the most tokens of the body. `places` are the candidates of
 * each place of the text [tokens][candidates], told when the body asks for them.
 */
export function chatCompletion(body: ChatRequestBody, text: string, places: readonly (readonly CandidateToken[])[] = []): Readonly<Record<string, unknown>> {
  const { content, finishReason } = cutAnswer(body, text);
  const input = countTestTokens(JSON.stringify(body.messages));
  const output = countTestTokens(content);
  return {
    id: `chatcmpl-${bodyKey(body)}`,
    object: 'chat.completion',
    created: 0,
    model: body.model,
    choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: describePlaces(body, places), finish_reason: finishReason }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

/** The same answer as server-sent events, one an item; the last one is `[DONE]`. */
export function chatEvents(body: ChatRequestBody, text: string, places: readonly (readonly CandidateToken[])[] = []): readonly string[] {
  const { content, finishReason } = cutAnswer(body, text);
  const chunk = (delta: object, finish: string | null, told: readonly (readonly CandidateToken[])[] = []): string =>
    eventOf({
      id: `chatcmpl-${bodyKey(body)}`,
      object: 'chat.completion.chunk',
      created: 0,
      model: body.model,
      choices: [{ index: 0, delta, logprobs: told.length > 0 ? describePlaces(body, told) : null, finish_reason: finish }],
    });
  const pieces = eachPiece(content, places).map((piece) => chunk({ content: piece.text }, null, piece.places));
  return [chunk({ role: 'assistant', content: '' }, null), ...pieces, chunk({}, finishReason), lastEvent];
}

function describePlaces(body: ChatRequestBody, places: readonly (readonly CandidateToken[])[]): object | null {
  if (body.logprobs !== true) return null;
  return { content: places.map((place) => ({ ...place[0], bytes: null, top_logprobs: place.map((candidate) => ({ ...candidate, bytes: null })) })) };
}
