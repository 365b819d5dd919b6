import { askForCorrection, correctionFormat, dataLines, parseCorrection, principleLines } from '@align-squad/llm/prompts';
import { createRequest, type RequestBody } from '../executors/request.js';
import type { Triple } from '../records/records.js';
import type { PlannedRequest, StageAnswer, StageSettings } from '../stages/stage.js';
import { userMessage } from '../stages/triple-format.js';
import { choiceFormat, choiceLines, parseChoice, type Choice } from './choice-prompt.js';
import { requestSeed } from '../stages/request-seed.js';

/** A correction that the model sampled for a record. */
export interface ClearSample {
  readonly recordId: string;
  readonly correction: string;
}

/** What the model says of a recorded correction: 1 correct, 0 incorrect, 0.5 unsure. */
export interface ClearReflection {
  readonly recordId: string;
  readonly certainty: number;
}

/** Tokens that a correction may take. */
export const correctionTokens = 1200;
/** Tokens that one of three answers and its explanation may take. */
export const choiceTokens = 300;
/** Corrections that are sampled for a record, as in BSDetector (2308.16175, Observed Consistency). */
export const defaultSamples = 5;

/** Requests for `samples` sampled corrections of a record (CLEAR, 2403.12776, by Observed Consistency of BSDetector, 2308.16175). */
export function clearSampleRequests(settings: StageSettings, record: Triple, { samples = defaultSamples }: { readonly samples?: number | undefined } = {}): PlannedRequest<Triple>[] {
  const { criterion, model, seed } = settings;
  const messages = [userMessage(askForCorrection(criterion, { ...record, response: record.misaligned }), record)];
  return Array.from({ length: samples }, (_, index) => {
    const body: RequestBody = { model, messages, maxTokens: correctionTokens, temperature: 1, seed: requestSeed(seed, 'clear.sample', record.id, index), schema: correctionFormat };
    return { request: createRequest('clear.sample', body), source: record };
  });
}

/** The sampled correction of an answer; undefined when it can't be read. */
export function clearSampleOf({ text, isComplete }: StageAnswer, { id, misaligned }: Triple): ClearSample | undefined {
  const draft = isComplete ? parseCorrection(text, { response: misaligned }) : undefined;
  return draft && { recordId: id, correction: draft.correction };
}

const reflectionQuestions = [
  'Is the proposed correction right: does it answer the question, follow all principles, and keep what was right in the response?',
  'Are you really sure that the proposed correction is right? Look for what is wrong with it, then choose.',
] as const;

/** Two requests that ask whether the recorded correction is right (Self-reflection Certainty of BSDetector, 2308.16175). */
export function clearReflectionRequests(settings: StageSettings, record: Triple): PlannedRequest<Triple>[] {
  const { criterion, model, seed } = settings;
  return reflectionQuestions.map((question, index) => {
    const content = [
      ...principleLines(criterion),
      '',
      ...dataLines({ Question: record.prompt, Context: record.context, Response: record.misaligned, 'Proposed correction': record.aligned }),
      question,
      ...choiceLines({ A: 'it is correct.', B: 'it is incorrect.', C: 'I am not sure.' }),
    ].join('\n');
    const body: RequestBody = {
      model,
      messages: [userMessage(content, record)],
      maxTokens: choiceTokens,
      temperature: 0,
      seed: requestSeed(seed, 'clear.reflection', record.id, index),
      schema: choiceFormat,
    };
    return { request: createRequest('clear.reflection', body), source: record };
  });
}

const certainties = { A: 1, B: 0, C: 0.5 } as const satisfies Record<Choice, number>;

/** What an answer says of the recorded correction; undefined when it can't be read. */
export function clearReflectionOf({ text }: StageAnswer, { id }: Triple): ClearReflection | undefined {
  const choice = parseChoice(text);
  return choice && { recordId: id, certainty: certainties[choice] };
}
