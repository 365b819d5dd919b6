import { bodyKey, countTestTokens, cutAnswer, eachPiece, eventOf, lastEvent, type AnswerBody, type CandidateToken } from './answer-body.js';

/** Body of a request to `/v1/completions`, as far as the test server reads it. */
export interface TextRequestBody extends AnswerBody {
  readonly prompt: string;
  /** Most likely tokens to tell of for each place. */
  readonly logprobs?: number | undefined;
}

/** A text completion; otherwise as `chatCompletion`. */
export function textCompletion(body: TextRequestBody, text: string, places: readonly (readonly CandidateToken[])[] = []): Readonly<Record<string, unknown>> {
  const { content, finishReason } = cutAnswer(body, text);
  const input = countTestTokens(body.prompt);
  const output = countTestTokens(content);
  const choice = { index: 0, text: content, logprobs: describePlaces(body, places), finish_reason: finishReason };
  return { ...describe(body, choice), usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } };
}

/** The same answer as server-sent events, one an item; the last one is `[DONE]`. */
export function textEvents(body: TextRequestBody, text: string, places: readonly (readonly CandidateToken[])[] = []): readonly string[] {
  const { content, finishReason } = cutAnswer(body, text);
  const chunk = (piece: string, finish: string | null, told: readonly (readonly CandidateToken[])[] = []): string =>
    eventOf(describe(body, { index: 0, text: piece, logprobs: told.length > 0 ? describePlaces(body, told) : null, finish_reason: finish }));
  return [...eachPiece(content, places).map((piece) => chunk(piece.text, null, piece.places)), chunk('', finishReason), lastEvent];
}

function describe(body: TextRequestBody, choice: object): Readonly<Record<string, unknown>> {
  return { id: `cmpl-${bodyKey(body)}`, object: 'text_completion', created: 0, model: body.model, choices: [choice] };
}

function describePlaces(body: TextRequestBody, places: readonly (readonly CandidateToken[])[]): object | null {
  if (body.logprobs === undefined) return null;
  return {
    tokens: places.map((place) => place[0]?.token),
    token_logprobs: places.map((place) => place[0]?.logprob),
    top_logprobs: places.map((place) => Object.fromEntries(place.map(({ token, logprob }) => [token, logprob]))),
  };
}
