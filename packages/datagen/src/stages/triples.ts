import { askForCorrection, correctionFormat, parseCorrection } from '@align-squad/llm/prompts';
import { createRandom } from '@align-squad/core';
import { createRequest, type RequestBody } from '../executors/request.js';
import type { Question, Triple } from '../records/records.js';
import { paperPrompt, paperStops, parsePaperCompletion } from './paper-format.js';
import { requestSeed } from './request-seed.js';
import type { PlannedRequest, StageAnswer, StageSettings } from './stage.js';
import { parseStructured, structuredPrompt, structuredSchema } from './structured-format.js';
import { userMessage, type TripleDraft } from './triple-format.js';

/**
 * How triples are asked for. `structured`: one JSON answer of a chat model. `paper`: one completion with principles and
 * demonstrations (paper, section 3.1). `two-models`: a weak model writes the response, a strong one critique and correction.
 */
export type TripleFormatName = 'structured' | 'paper' | 'two-models';

/** Options of the stages that make triples. */
export interface TripleOptions {
  readonly format: TripleFormatName;
  /** Share of the questions that get an aligned response which is not to be changed, in [0, 1]. */
  readonly identityShare: number;
}

/** A question with the response of the weak model. */
export interface AnsweredQuestion extends Question {
  readonly response: string;
}

const mostTokens = 1200;

/** One request a question; in the format `two-models` it is for the weak model's response alone. */
export function tripleRequest(settings: StageSettings, question: Question, { format, identityShare }: TripleOptions): PlannedRequest<Question> {
  const { criterion, model, weakModel = model } = settings;
  const random = createRandom(requestSeed(settings.seed, 'triple', question.id));
  const isIdentity = random.next() < identityShare;
  const base = { model, maxTokens: mostTokens, temperature: 0, seed: random.integer(2 ** 31) };
  if (isIdentity || format === 'structured') {
    const task = isIdentity ? 'identity' : 'triple';
    const messages = [userMessage(structuredPrompt(criterion, question, task), question)];
    return { request: createRequest(`triples.${task}`, { ...base, messages, schema: structuredSchema(task, criterion.needsContext) }), source: question };
  }
  const body: RequestBody = format === 'paper'
    ? { ...base, messages: [userMessage(paperPrompt(criterion, question), question)], stop: paperStops }
    : { ...base, model: weakModel, messages: [userMessage(question.question, question)] };
  return { request: createRequest(`triples.${format === 'paper' ? 'paper' : 'response'}`, body), source: question };
}

/** The record of one answer, or the question with its response where a correction is still to be asked for; undefined when it can't be read. */
export function tripleOf(settings: StageSettings, answer: StageAnswer, question: Question): Triple | AnsweredQuestion | undefined {
  const { request, text, isComplete } = answer;
  const { criterion } = settings;
  const kind = request.stage.split('.')[1];
  if (!isComplete || text.trim() === '') return undefined;
  if (kind === 'response') return { ...question, response: text.trim() };
  if (kind === 'paper') return toTriple(criterion.id, question, parsePaperCompletion(text, criterion.needsContext));
  const draft = parseStructured(text, kind === 'identity' ? 'identity' : 'triple', criterion.needsContext);
  if (draft?.response === undefined) return undefined;
  return toTriple(criterion.id, question, { critique: 'none', correction: draft.response, ...draft, response: draft.response });
}

/** The second request of the format `two-models`. */
export function correctionRequest(settings: StageSettings, answered: AnsweredQuestion): PlannedRequest<AnsweredQuestion> {
  const messages = [userMessage(askForCorrection(settings.criterion, { ...answered, prompt: answered.question }), answered)];
  const seed = requestSeed(settings.seed, 'correction', answered.id);
  const body: RequestBody = { model: settings.model, messages, maxTokens: mostTokens, temperature: 0, seed, schema: correctionFormat };
  return { request: createRequest('corrections', body), source: answered };
}

/** The record of the second answer; undefined when it can't be read. */
export function correctionOf({ criterion }: StageSettings, { text, isComplete }: StageAnswer, answered: AnsweredQuestion): Triple | undefined {
  const draft = isComplete ? parseCorrection(text, answered) : undefined;
  return draft && toTriple(criterion.id, answered, { response: answered.response, ...draft });
}

/** True for a finished record. */
export function isTriple(value: Triple | AnsweredQuestion): value is Triple {
  return 'misaligned' in value;
}

function toTriple(criterion: string, question: Question, draft: TripleDraft | undefined): Triple | undefined {
  if (!draft) return undefined;
  const { context, response, critique, correction } = draft;
  const isAligned = /^(?:none|nothing)\W*$/iu.test(critique.trim());
  return {
    id: question.id,
    criterion,
    prompt: question.question,
    ...(context === undefined ? {} : { context }),
    misaligned: response,
    critique: isAligned ? 'none' : critique,
    // What is aligned stays as it is, whatever the model wrote as its correction.
    aligned: isAligned ? response : correction,
    identity: isAligned || response === correction,
    topic: question.topic,
    questionType: question.questionType,
    ...(question.adversarial ? { adversarial: true } : {}),
    ...(question.images ? { images: question.images } : {}),
  };
}
