import { z } from 'zod';
import type { DatagenAnswer, DatagenRequest } from './request.js';

const answerSchema: z.ZodType<DatagenAnswer> = z.discriminatedUnion('ok', [
  z.object({
    id: z.string(),
    ok: z.literal(true),
    text: z.string(),
    isComplete: z.boolean(),
    usage: z.object({ input: z.number(), output: z.number() }),
    topLogprobs: z.array(z.array(z.object({ token: z.string(), logprob: z.number() }))).optional(),
  }),
  z.object({ id: z.string(), ok: z.literal(false), reason: z.string() }),
]);

const requestSchema = z.object({
  id: z.string(),
  stage: z.string(),
  body: z.looseObject({ model: z.string(), messages: z.array(z.looseObject({ role: z.string() })), maxTokens: z.number(), temperature: z.number(), seed: z.number() }),
});

/** The answer that a job came back with; `undefined` is that of a job that was lost with each of its workers. */
export function parseQueueAnswer(id: string, value: unknown): DatagenAnswer {
  if (value === undefined) return { id, ok: false, reason: 'worker-lost' };
  const parsed = answerSchema.safeParse(value);
  return parsed.success && parsed.data.id === id ? parsed.data : { id, ok: false, reason: 'malformed' };
}

/** The request that a job holds; nothing when it was put by something else. */
export function parseQueueRequest(id: string, value: unknown): DatagenRequest | undefined {
  const parsed = requestSchema.safeParse(value);
  // The schema has looked at what executors rely on; the parts of messages go on to the server as they are.
  return parsed.success && parsed.data.id === id ? (value as DatagenRequest) : undefined;
}
