import { parseWith, type Exchange } from '@align-squad/core';
import type { AdapterOptions } from '@align-squad/embedded';
import { z } from 'zod';
import { keyPath, type AnswerField } from './answer-field.js';
import { promptOf } from './prompt-of.js';

/** What is known of the request that a reply answers. */
export interface RequestInfo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed body; undefined where it was not parsed, or can't be read any more. */
  readonly body: unknown;
}

/** How texts are found in `text/event-stream` replies. */
export interface EventOptions {
  /**
   * Key path of the text in JSON data, such as `choices.0.delta.content`.
   * @default `delta`, else `text`, of an object, a string by itself, and data that is not JSON as it is
   */
  readonly field?: string | undefined;
  /** Names of events without text of an answer, which go on at once; `message` stands for those without a name. @default [] */
  readonly pass?: readonly string[] | undefined;
  /** The same for those that wait until all text before them was released. @default [] */
  readonly end?: readonly string[] | undefined;
}

/** Options of the middleware; those of the squad are as in `alignSquad`. */
export interface HttpOptions extends AdapterOptions {
  /** Where a JSON reply holds its answer: a key path such as `choices.0.message.content`, or two functions. @default 'answer' */
  readonly answer?: string | AnswerField | undefined;
  /** What the answer answers. @default `question`, `prompt` or `message` of a JSON body, or the last user message of its `messages` */
  readonly prompt?: ((request: RequestInfo) => string | undefined) | undefined;
  /** Text that the answer must be grounded in. @default none */
  readonly context?: string | ((request: RequestInfo) => string | undefined) | undefined;
  readonly event?: EventOptions | undefined;
  /** Whether replies get a header `x-align-squad` with the outcome, or `stream`. @default true */
  readonly report?: boolean | undefined;
  /** What becomes of a JSON reply without a text in its field; `fail` answers 500 instead. @default 'fail' */
  readonly onMissing?: 'pass' | 'fail' | undefined;
  /** Hears of each reply that could not be aligned; its client gets a status 500, or a stream that breaks off. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** Checked options of the middleware. */
export interface ResolvedHttpOptions {
  readonly answer: AnswerField;
  readonly exchangeOf: (request: RequestInfo) => Omit<Exchange, 'response'>;
  readonly event: EventOptions;
  readonly report: boolean;
  readonly onMissing: 'pass' | 'fail';
  readonly onFailure: (error: unknown) => void;
  /** The options that are not of this package. */
  readonly adapter: AdapterOptions;
}

type OwnKey = 'answer' | 'prompt' | 'context' | 'event' | 'report' | 'onMissing' | 'onFailure';

const isFunction = (value: unknown): boolean => typeof value === 'function';
const names = z.array(z.string().min(1)).optional();
// the rest is checked by `bindSquad` and the squad
const ownSchema: z.ZodType<Record<OwnKey, unknown>> = z.looseObject({
  answer: z.union([z.string().min(1), z.strictObject({ get: z.custom(isFunction), set: z.custom(isFunction) })]).optional(),
  prompt: z.custom(isFunction).optional(),
  context: z.union([z.string(), z.custom(isFunction)]).optional(),
  event: z.strictObject({ field: z.string().min(1).optional(), pass: names, end: names }).optional(),
  report: z.boolean().optional(),
  onMissing: z.enum(['pass', 'fail']).optional(),
  onFailure: z.custom(isFunction).optional(),
}) as z.ZodType<Record<OwnKey, unknown>>;

/**
 * Checks the options of the middleware and splits them from those of the squad.
 * @throws AlignSquadError `invalid-options`.
 */
export function resolveHttpOptions(options: HttpOptions): ResolvedHttpOptions {
  parseWith(ownSchema, options, { what: 'options', code: 'invalid-options' });
  const { answer = 'answer', prompt = promptOf, context, event = {}, report = true, onMissing = 'fail', onFailure, ...adapter } = options;
  return {
    answer: typeof answer === 'string' ? keyPath(answer) : answer,
    exchangeOf: (request) => ({ prompt: prompt(request), context: typeof context === 'function' ? context(request) : context }),
    event,
    report,
    onMissing,
    onFailure: onFailure ?? (() => undefined),
    adapter,
  };
}
