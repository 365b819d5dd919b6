import { dataLines, parseJsonAnswer, principleLines, serverSchema } from '@align-squad/llm/prompts';
import { z } from 'zod';
import { createRequest, type RequestBody } from '../executors/request.js';
import type { Triple } from '../records/records.js';
import type { PlannedRequest, StageAnswer, StageSettings } from '../stages/stage.js';
import { userMessage } from '../stages/triple-format.js';
import { choiceTokens, correctionTokens } from './clear-evidence.js';
import { choiceFormat, choiceLines, parseChoice } from './choice-prompt.js';
import { requestSeed } from '../stages/request-seed.js';

/** A record whose correction the model wrote anew in its own style. */
export interface RestyledTriple {
  readonly record: Triple;
  readonly restyled: string;
}

/** What the model says of a correction that it restyled. */
export interface RestyleReview extends RestyledTriple {
  readonly isAccepted: boolean;
}

const restyledSchema: z.ZodType<{ readonly correction: string }> = z.object({ correction: z.string().trim().min(1) });
const restyledFormat: NonNullable<RequestBody['schema']> = { name: 'restyled', schema: serverSchema(restyledSchema) };

/**
 * The request that writes a correction anew as the student itself would (Align2LLaVA, 2409.18541,
 * LLM Preference Alignment). Images of the record are shown. An identity record is not to be changed, so it has none.
 */
export function restyleRequest({ criterion, model, seed }: StageSettings, record: Triple): PlannedRequest<Triple> | undefined {
  if (record.identity) return undefined;
  const content = [
    ...principleLines(criterion),
    '',
    ...dataLines({ Question: record.prompt, Context: record.context, Response: record.aligned }),
    'Write the response anew in your own words and style. Keep its meaning and every fact, and add none.',
    'Answer with a JSON object of this field: correction, the response written anew.',
  ].join('\n');
  const messages = [userMessage(content, record)];
  const body: RequestBody = { model, messages, maxTokens: correctionTokens, temperature: 0, seed: requestSeed(seed, 'restyle', record.id), schema: restyledFormat };
  return { request: createRequest('restyle', body), source: record };
}

/** The restyled correction of an answer; undefined when it can't be read. */
export function restyledOf({ text, isComplete }: StageAnswer, record: Triple): RestyledTriple | undefined {
  const parsed = isComplete ? parseJsonAnswer(restyledSchema, text) : undefined;
  return parsed && { record, restyled: parsed.correction };
}

/** The request that reviews a restyled correction against the one that it was made of (Align2LLaVA, 2409.18541, LLM Preference Alignment). */
export function reviewRequest({ criterion, model, seed }: StageSettings, source: RestyledTriple): PlannedRequest<RestyledTriple> {
  const { record, restyled } = source;
  const content = [
    ...principleLines(criterion),
    '',
    ...dataLines({ Question: record.prompt, Context: record.context, Original: record.aligned, 'New version': restyled }),
    'Does the new version say the same as the original, answer the question, and follow all principles?',
    ...choiceLines({ A: 'yes.', B: 'no.', C: 'I am not sure.' }),
  ].join('\n');
  const messages = [userMessage(content, record)];
  const body: RequestBody = { model, messages, maxTokens: choiceTokens, temperature: 0, seed: requestSeed(seed, 'restyle.review', record.id), schema: choiceFormat };
  return { request: createRequest('restyle.review', body), source };
}

/** The review of an answer; only a plain yes accepts. Undefined when it can't be read. */
export function reviewOf({ text }: StageAnswer, source: RestyledTriple): RestyleReview | undefined {
  const choice = parseChoice(text);
  return choice && { ...source, isAccepted: choice === 'A' };
}
