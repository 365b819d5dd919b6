import { AlignSquadError, type TokenLogprob } from '@align-squad/core';
import { z } from 'zod';

/** What one event of a streamed completion says. */
export interface StreamChunk {
  readonly text: string;
  readonly isRefusal: boolean;
  /** Why the completion ended, in the words of the server; absent before the end. */
  readonly finishReason?: string | undefined;
  /** Most likely tokens of each place that the server tells of [tokens][candidates]. */
  readonly places: readonly (readonly TokenLogprob[])[];
}

const tokenSchema = z.object({ token: z.string(), logprob: z.number() });

const chatChoiceSchema = z.object({
  index: z.number().nullish(),
  delta: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).nullish(),
  finish_reason: z.string().nullish(),
  logprobs: z.object({ content: z.array(tokenSchema.extend({ top_logprobs: z.array(tokenSchema).nullish() })).nullish() }).nullish(),
});

const textChoiceSchema = z.object({
  index: z.number().nullish(),
  text: z.string().nullish(),
  finish_reason: z.string().nullish(),
  logprobs: z.object({ top_logprobs: z.array(z.record(z.string(), z.number()).nullish()).nullish() }).nullish(),
});

/** Reads an event of `POST /chat/completions`; undefined for one that says nothing of the first choice, as of usage. */
export function readChatChunk(event: unknown): StreamChunk | undefined {
  const choice = firstChoice(chatChoiceSchema, event);
  if (!choice) return undefined;
  const { delta, finish_reason, logprobs } = choice;
  return {
    text: delta?.content ?? '',
    isRefusal: Boolean(delta?.refusal),
    finishReason: finish_reason ?? undefined,
    places: (logprobs?.content ?? []).map(({ token, logprob, top_logprobs }) => (top_logprobs?.length ? top_logprobs : [{ token, logprob }])),
  };
}

/** Reads an event of `POST /completions`; otherwise as `readChatChunk`. */
export function readTextChunk(event: unknown): StreamChunk | undefined {
  const choice = firstChoice(textChoiceSchema, event);
  if (!choice) return undefined;
  const { text, finish_reason, logprobs } = choice;
  return {
    text: text ?? '',
    isRefusal: false,
    finishReason: finish_reason ?? undefined,
    places: (logprobs?.top_logprobs ?? []).map((place) => Object.entries(place ?? {}).map(([token, logprob]) => ({ token, logprob }))),
  };
}

function firstChoice<Choice extends { index?: number | null | undefined }>(schema: z.ZodType<Choice>, event: unknown): Choice | undefined {
  const parsed = z.object({ choices: z.array(schema).nullish() }).safeParse(event);
  if (parsed.success) return parsed.data.choices?.find(({ index }) => (index ?? 0) === 0);
  throw new AlignSquadError('The answer of the server is not a completion in the form of the OpenAI API.', { code: 'generator-failed' });
}
