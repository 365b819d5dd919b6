import { parseJsonAnswer, serverSchema } from '@align-squad/llm/prompts';
import { z } from 'zod';
import type { RequestBody } from '../executors/request.js';

const choices = ['A', 'B', 'C'] as const;
const choiceSchema: z.ZodType<{ readonly explanation: string; readonly answer: Choice }> = z.object({ explanation: z.string(), answer: z.enum(choices) });

/** One of three answers. */
export type Choice = (typeof choices)[number];

/** The lines that ask for one of three answers. */
export function choiceLines(meanings: Readonly<Record<Choice, string>>): string[] {
  return [...choices.map((choice) => `${choice}: ${meanings[choice]}`), 'Answer with a JSON object of these fields: explanation (one sentence), answer (A, B or C).'];
}

/** The JSON schema of one of three answers, as servers take it. */
export const choiceFormat: NonNullable<RequestBody['schema']> = { name: 'choice', schema: serverSchema(choiceSchema) };

/** The choice of an answer; undefined when it can't be read. */
export function parseChoice(answer: string): Choice | undefined {
  return parseJsonAnswer(choiceSchema, answer)?.answer;
}
