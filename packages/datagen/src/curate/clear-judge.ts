import { askForCorrection, correctionFormat, dataLines, parseCorrection, principleLines } from '@align-squad/llm/prompts';
import { foldSpace } from '../clean/fold-text.js';
import { createRequest, type RequestBody } from '../executors/request.js';
import type { Triple } from '../records/records.js';
import type { PlannedRequest, StageAnswer, StageSettings } from '../stages/stage.js';
import { userMessage } from '../stages/triple-format.js';
import { choiceTokens, correctionTokens } from './clear-evidence.js';
import { choiceFormat, choiceLines, parseChoice } from './choice-prompt.js';
import { requestSeed } from '../stages/request-seed.js';

/** A record with a correction that may be better than its own. */
export interface ClearCandidate {
  readonly record: Triple;
  readonly candidate: string;
}

/** Which of two corrections the prompt shows first. */
export type JudgementOrder = 'recorded-first' | 'candidate-first';

/** One comparison of a candidate with the recorded correction. */
export interface ClearJudgement {
  readonly recordId: string;
  readonly candidate: string;
  readonly order: JudgementOrder;
  /** 1 the candidate is better, -1 the recorded one is, 0 neither. */
  readonly preference: 1 | 0 | -1;
}

const orders = ['recorded-first', 'candidate-first'] as const satisfies readonly JudgementOrder[];
/** Judgements of a candidate in each order. */
export const defaultJudgements = 3;

/** Asks `model`, which may be the student after training, for its correction of a record (CLEAR, 2403.12776, Auto-Correct). */
export function clearCandidateRequest({ criterion, model, seed }: StageSettings, record: Triple): PlannedRequest<Triple> {
  const messages = [userMessage(askForCorrection(criterion, { ...record, response: record.misaligned }), record)];
  const body: RequestBody = { model, messages, maxTokens: correctionTokens, temperature: 0, seed: requestSeed(seed, 'clear.candidate', record.id), schema: correctionFormat };
  return { request: createRequest('clear.candidate', body), source: record };
}

/** The candidate of an answer; undefined when it can't be read or can't replace the recorded correction. */
export function clearCandidateOf({ text, isComplete }: StageAnswer, record: Triple): ClearCandidate | undefined {
  const candidate = isComplete ? parseCorrection(text, { response: record.misaligned })?.correction : undefined;
  return candidate !== undefined && isReplacement(record, candidate) ? { record, candidate } : undefined;
}

/**
 * True when a candidate differs from the recorded correction and from the response. Identity records have no replacement: a
 * changed response would need a critique of its own.
 */
export function isReplacement({ identity, aligned, misaligned }: Triple, candidate: string): boolean {
  const folded = foldSpace(candidate);
  return !identity && folded !== '' && folded !== foldSpace(aligned) && folded !== foldSpace(misaligned);
}

/** Requests that compare a candidate with the recorded correction, `judgements` in each of both orders (CLEAR, 2403.12776, Auto-Correct). */
export function clearJudgeRequests(
  { criterion, model, seed }: StageSettings,
  source: ClearCandidate,
  { judgements = defaultJudgements }: { readonly judgements?: number | undefined } = {},
): PlannedRequest<ClearCandidate>[] {
  const { record, candidate } = source;
  if (!isReplacement(record, candidate)) return [];
  return orders.flatMap((order) => {
    const [first, second] = order === 'recorded-first' ? [record.aligned, candidate] : [candidate, record.aligned];
    const content = [
      ...principleLines(criterion),
      '',
      ...dataLines({ Question: record.prompt, Context: record.context, Response: record.misaligned, 'Correction A': first, 'Correction B': second }),
      'Which correction is better: which one follows the principles, answers the question, and keeps what was right in the response?',
      ...choiceLines({ A: 'correction A is better.', B: 'correction B is better.', C: 'neither is clearly better.' }),
    ].join('\n');
    return Array.from({ length: judgements }, (_, index) => {
      const body: RequestBody = {
        model,
        messages: [userMessage(content, record)],
        maxTokens: choiceTokens,
        temperature: judgements === 1 ? 0 : 1,
        seed: requestSeed(seed, 'clear.judge', record.id, order, index),
        schema: choiceFormat,
      };
      return { request: createRequest(`clear.judge.${order}`, body), source };
    });
  });
}

/** The comparison of an answer; undefined when it can't be read. */
export function clearJudgementOf({ request, text }: StageAnswer, { record, candidate }: ClearCandidate): ClearJudgement | undefined {
  const order = orders.find((name) => request.stage === `clear.judge.${name}`);
  const choice = parseChoice(text);
  if (!order || !choice) return undefined;
  const preference = choice === 'C' ? 0 : (choice === 'B') === (order === 'recorded-first') ? 1 : -1;
  return { recordId: record.id, candidate, order, preference };
}
