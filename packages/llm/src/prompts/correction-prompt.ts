import type { Criterion, GenerateRequest } from '@align-squad/core';
import { z } from 'zod';
import { parseJsonAnswer, serverSchema } from '../json-answer.js';
import { dataLines } from './data-lines.js';
import { principleLines } from './principle-lines.js';

/** A response with what it answers, as texts of a prompt. */
export interface ResponseTexts {
  readonly prompt?: string | undefined;
  readonly context?: string | undefined;
  readonly response: string;
}

/** A corrected response, and what was wrong with the response. */
export interface CorrectionDraft {
  readonly critique: string;
  readonly correction: string;
}

const text = z.string().trim().min(1);
const correctionSchema: z.ZodType<CorrectionDraft> = z.object({ critique: text, correction: text });

/** Asks for the critique and correction of a response, with demonstrations. */
export function askForCorrection(criterion: Criterion, { prompt, context, response }: ResponseTexts): string {
  return [
    ...principleLines(criterion),
    '',
    ...criterion.demonstrations.flatMap((demonstration) => [
      `Example: ${JSON.stringify({ question: demonstration.prompt, context: demonstration.context, response: demonstration.response })}`,
      JSON.stringify({ critique: demonstration.critique, correction: demonstration.correction }),
      '',
    ]),
    ...dataLines({ Question: prompt, Context: context, Response: response }),
    'critique: what is wrong with the response by these principles, in one or two sentences; none when nothing is.',
    'correction: the response with what is wrong put right, and all else kept word for word.',
    'Answer with a JSON object of these fields: critique, correction.',
  ].join('\n');
}

/** The JSON schema of a correction, as servers take it. */
export const correctionFormat: NonNullable<GenerateRequest['schema']> = { name: 'correction', schema: serverSchema(correctionSchema) };

/** The correction of an answer; a critique that finds nothing leaves the response as it is. Undefined when it can't be read. */
export function parseCorrection(answer: string, { response }: Pick<ResponseTexts, 'response'>): CorrectionDraft | undefined {
  const draft = parseJsonAnswer(correctionSchema, answer);
  if (!draft) return undefined;
  return /^(?:none|nothing)\W*$/iu.test(draft.critique) ? { critique: 'none', correction: response } : draft;
}
