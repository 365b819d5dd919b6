import type { Exchange, Message, TextGenerator } from '@align-squad/core';
import { dataLines } from '@align-squad/llm/prompts';
import { readWholeAnswer } from './read-answer.js';
import { untilAborted } from './until-aborted.js';

/** What answers are drawn to. */
export type Question = Pick<Exchange, 'prompt' | 'context'>;

/** What a function that gives answers is told beside the question. */
export interface AnswerOptions {
  /** Differs from draw to draw, so that a function that samples gives another answer; from 0. */
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Gives another answer to a prompt; undefined when it has none. */
export type AnswerFunction = (question: Question, options: AnswerOptions) => Promise<string | undefined>;

/** Where further answers come from: a language model, or a function. */
export type AnswerSource = TextGenerator | AnswerFunction;

/** How answers are drawn. */
export interface DrawOptions {
  /** Asked in turn; the first round of a model is greedy, later ones are sampled. */
  readonly sources: readonly AnswerSource[];
  /** Answers to draw. */
  readonly answers: number;
  /** Most draws at a time. */
  readonly concurrency: number;
  readonly temperature: number;
  readonly maxTokens: number;
  /** A longer answer is left out. */
  readonly maxCharacters: number;
}

/**
 * Draws answers to a prompt. What is blank, cut, or was drawn before is left out, so that fewer may come.
 * Rejects with what the first failing source throws, and aborts the other draws then.
 */
export async function drawAnswers(question: Question, options: DrawOptions, signal: AbortSignal | undefined): Promise<string[]> {
  signal?.throwIfAborted();
  const draws = new AbortController();
  const onAbort = (): void => draws.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const drawn: (string | undefined)[] = [];
  try {
    for (let first = 0; first < options.answers; first += options.concurrency) {
      const turns = Array.from({ length: Math.min(options.concurrency, options.answers - first) }, (_, offset) => first + offset);
      drawn.push(...(await Promise.all(turns.map((turn) => drawAnswer(question, turn, options, draws.signal)))));
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // Where one failed, others are still at it.
    draws.abort();
  }
  return [...new Set(drawn.flatMap((text) => text?.trim() ?? []))].filter((text) => text !== '' && text.length <= options.maxCharacters);
}

async function drawAnswer(
  question: Question,
  turn: number,
  { sources, temperature, maxTokens, maxCharacters }: DrawOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const source = sources[turn % sources.length];
  if (source === undefined) return undefined;
  if (typeof source === 'function') return callFunction(source, question, { seed: turn, signal });
  const round = Math.floor(turn / sources.length);
  const sampling = round === 0 ? { temperature: 0 } : { temperature, seed: round };
  return readWholeAnswer(source, { prompt: questionMessages(question), maxTokens, ...sampling }, { maxCharacters, signal });
}

async function callFunction(source: AnswerFunction, question: Question, options: AnswerOptions): Promise<string | undefined> {
  async function* call(): AsyncGenerator<string | undefined> {
    yield await source(question, options);
  }
  // A function may hang, too.
  for await (const text of untilAborted(call(), options.signal)) return text;
  return undefined;
}

function questionMessages({ prompt = '', context }: Question): Message[] {
  const turns: readonly Message[] = typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
  if (context === undefined) return [...turns];
  return [{ role: 'system', content: ['Answer by this context alone.', ...dataLines({ Context: context })].join('\n') }, ...turns];
}
