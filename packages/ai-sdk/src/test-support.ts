import type { LanguageModelV3GenerateResult, LanguageModelV3StreamPart } from '@ai-sdk/provider';
import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider-4';
import { doubleSquad } from '@align-squad/embedded/testing';
import * as six from 'ai';
import * as sixTest from 'ai/test';
import * as seven from 'ai-7';
import * as sevenTest from 'ai-7/test';
import { alignMiddleware, type AlignMiddlewareOptions } from './align-middleware.js';

/** A part that both specifications know. */
export type TestPart = LanguageModelV3StreamPart;

/** A result that both specifications know. */
export type TestResult = LanguageModelV3GenerateResult;

/** What a test asks of a call. */
export interface TestCall {
  readonly criteria?: readonly string[] | undefined;
  readonly options?: AlignMiddlewareOptions | undefined;
  readonly prompt?: string;
  readonly includeRawChunks?: boolean;
  readonly abortSignal?: AbortSignal;
  readonly structured?: boolean;
}

/** What both majors say of a generated text. */
export interface Generated {
  readonly text: string;
  readonly reasoningText: string | undefined;
  readonly content: readonly { readonly type: string }[];
  readonly output: unknown;
  readonly providerMetadata: Readonly<Record<string, unknown>> | undefined;
  readonly request: { readonly body?: unknown };
  readonly response: { readonly id: string; readonly body?: unknown };
  readonly warnings: readonly unknown[] | undefined;
}

/** What both majors say of a streamed text. */
export interface Streamed {
  readonly textStream: AsyncIterable<string>;
  readonly fullStream: AsyncIterable<{ readonly type: string }>;
  readonly toUIMessageStream: () => AsyncIterable<{ readonly type: string }>;
  readonly providerMetadata: PromiseLike<Readonly<Record<string, unknown>> | undefined>;
}

/** A stream of a test, made for each call. */
export type MakeStream = () => ReadableStream<TestPart>;

/** A major version of the AI SDK, around the middleware with the squad of doubles. */
export interface Major {
  readonly name: string;
  readonly generate: (result: Partial<TestResult> | Error, call?: TestCall) => Promise<Generated>;
  readonly stream: (stream: MakeStream, call?: TestCall) => Streamed;
}

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};

/** The last part of a stream. */
export const finish: TestPart = { type: 'finish', finishReason: { unified: 'stop', raw: 'stop' }, usage };

/** The parts of one text. */
export function textParts(id: string, pieces: readonly string[], kind: 'text' | 'reasoning' = 'text'): TestPart[] {
  return [{ type: `${kind}-start`, id }, ...pieces.map((delta): TestPart => ({ type: `${kind}-delta`, id, delta })), { type: `${kind}-end`, id }];
}

/** A stream of parts, which fails in the end when there is an error. */
export function streamOf(parts: readonly TestPart[], error?: unknown): MakeStream {
  return () => {
    const stream = sixTest.simulateReadableStream({ chunks: [...parts], initialDelayInMs: null, chunkDelayInMs: null });
    if (error === undefined) return stream;
    const failing = new TransformStream<TestPart, TestPart>({ flush: (controller) => controller.error(error) });
    return stream.pipeThrough(failing);
  };
}

function middlewareOf({ criteria = ['ethical'], options }: TestCall): ReturnType<typeof alignMiddleware> {
  return alignMiddleware(criteria, { squad: doubleSquad(), ...options });
}

const defaults = { finishReason: finish.finishReason, usage, warnings: [], content: [] };
const schema: Parameters<typeof six.jsonSchema>[0] = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] };

const majorSix: Major = {
  name: 'ai 6',
  generate: async (result, { prompt = 'When?', structured = false, ...call } = {}) => {
    const model = new sixTest.MockLanguageModelV3({
      doGenerate: async () => {
        if (result instanceof Error) throw result;
        return { ...defaults, ...result };
      },
    });
    const wrapped = six.wrapLanguageModel({ model, middleware: middlewareOf(call) });
    const output = structured ? six.Output.object({ schema: six.jsonSchema<unknown>(schema) }) : undefined;
    return six.generateText({ model: wrapped, prompt, maxRetries: 0, ...(output && { output }) });
  },
  stream: (stream, { prompt = 'When?', structured = false, criteria, options, ...call } = {}) => {
    const model = new sixTest.MockLanguageModelV3({ doStream: async () => ({ stream: stream() }) });
    const wrapped = six.wrapLanguageModel({ model, middleware: middlewareOf({ criteria, options }) });
    const output = structured ? six.Output.object({ schema: six.jsonSchema<unknown>(schema) }) : undefined;
    return six.streamText({ model: wrapped, prompt, maxRetries: 0, onError: () => undefined, ...call, ...(output && { output }) });
  },
};

const majorSeven: Major = {
  name: 'ai 7',
  generate: async (result, { prompt = 'When?', structured = false, ...call } = {}) => {
    const model = new sevenTest.MockLanguageModelV4({
      doGenerate: async () => {
        if (result instanceof Error) throw result;
        // the content of the tests is of both specifications
        return { ...defaults, ...result } as LanguageModelV4GenerateResult;
      },
    });
    const wrapped = seven.wrapLanguageModel({ model, middleware: middlewareOf(call) });
    const output = structured ? seven.Output.object({ schema: seven.jsonSchema<unknown>(schema) }) : undefined;
    const include = { requestBody: true, responseBody: true };
    return seven.generateText({ model: wrapped, prompt, maxRetries: 0, include, ...(output && { output }) });
  },
  stream: (stream, { prompt = 'When?', structured = false, criteria, options, ...call } = {}) => {
    // the parts of the tests are of both specifications
    const doStream = async () => ({ stream: stream() as ReadableStream<LanguageModelV4StreamPart> });
    const wrapped = seven.wrapLanguageModel({ model: new sevenTest.MockLanguageModelV4({ doStream }), middleware: middlewareOf({ criteria, options }) });
    const output = structured ? seven.Output.object({ schema: seven.jsonSchema<unknown>(schema) }) : undefined;
    return seven.streamText({ model: wrapped, prompt, maxRetries: 0, onError: () => undefined, ...call, ...(output && { output }) });
  },
};

/** Both majors. */
export const majors: readonly Major[] = [majorSix, majorSeven];

/** All items of a stream, and what it failed with. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<{ readonly items: T[]; readonly error?: unknown }> {
  const items: T[] = [];
  try {
    for await (const item of stream) items.push(item);
    return { items };
  } catch (error) {
    return { items, error };
  }
}

/** The text of the deltas of a full stream, of one id where one is given. */
export function textOf(items: readonly object[], id?: string): string {
  const isWanted = (item: object): boolean => id === undefined || ('id' in item && item.id === id);
  return items.flatMap((item) => ('type' in item && item.type === 'text-delta' && 'text' in item && isWanted(item) ? [item.text] : [])).join('');
}
