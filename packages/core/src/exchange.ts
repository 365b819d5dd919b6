import { z } from 'zod';
import { AlignSquadError } from './errors.js';
import { describeIssues } from './parse.js';

/** One turn of a conversation. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

/** What is inspected and aligned: an LLM's response, with what it answers and what it must be grounded in. */
export interface Exchange {
  /** The user's request, or the conversation that led to the response. */
  readonly prompt?: string | readonly Message[] | undefined;
  /** Text that the response must be grounded in, such as retrieved passages. */
  readonly context?: string | undefined;
  /** The LLM's answer. */
  readonly response: string;
}

const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
});

/** Schema of an `Exchange`; unknown keys are rejected. */
export const exchangeSchema: z.ZodType<Exchange> = z.strictObject({
  prompt: z.union([z.string(), z.array(messageSchema)]).optional(),
  context: z.string().optional(),
  response: z.string(),
});

/**
 * Checks an exchange, or turns a bare response into one.
 * @throws AlignSquadError `invalid-exchange`, naming the faulty fields and never their text.
 */
export function parseExchange(value: unknown): Exchange {
  const parsed = exchangeSchema.safeParse(typeof value === 'string' ? { response: value } : value);
  if (parsed.success) return parsed.data;
  throw new AlignSquadError(
    `Expected a response string or an exchange { prompt?, context?, response }: ${describeIssues(parsed.error)}.`,
    { code: 'invalid-exchange' },
  );
}

/** The prompt as one plain text: a conversation becomes one line a message, led by its role. */
export function promptText(prompt: Exchange['prompt']): string {
  if (prompt === undefined) return '';
  if (typeof prompt === 'string') return prompt;
  if (prompt.length === 1) return prompt[0]?.content ?? '';
  return prompt.map((message) => `${message.role}: ${message.content}`).join('\n');
}
