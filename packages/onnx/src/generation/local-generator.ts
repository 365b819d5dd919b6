import { AlignSquadError, createStopTexts, parseWith, type GenerateEvent, type GenerateRequest, type TextGenerator, type TokenLogprob } from '@align-squad/core';
import { z } from 'zod';
import { createDecodeSession, type DecodeSession } from '../decoding/decode-session.js';
import type { DecodeSessionRequest } from '../decoding/decode-request.js';
import type { Sampling } from '../decoding/pick-token.js';
import { createTextStream } from '../decoding/text-stream.js';
import type { LikelyToken } from '../decoding/top-tokens.js';
import { openModelFolder, type ModelFolder } from './model-folder.js';
import { promptIds, type LayoutPrompt } from './prompt-ids.js';

/** Options of `createLocalGenerator`. */
export interface LocalGeneratorOptions {
  /** A folder in the Hugging Face layout, with graphs as transformers.js takes them. */
  readonly folder: string | URL;
  /** Ending of the graphs' names, such as `q8` for onnx/model_q8.onnx. @default none */
  readonly variant?: string | undefined;
  /** Lays prompts out as the model was trained on them. @default `promptText`, in the special tokens of the tokenizer */
  readonly layoutPrompt?: LayoutPrompt | undefined;
  /** How tokens are drawn beside the temperature of a request; a penalty applies to greedy completions too. @default from all tokens, no penalty */
  readonly sampling?: Omit<Sampling, 'temperature'> | undefined;
  /** Threads inside one pass. @default 1 */
  readonly threads?: number | undefined;
  /** Names the model in results and caches. @default `model_type` of config.json */
  readonly version?: string | undefined;
}

/** A text generator that owns sessions. */
export interface LocalGenerator extends TextGenerator, AsyncDisposable {
  /** Frees the model; later requests throw `disposed`. */
  dispose(): Promise<void>;
}

const optionsSchema: z.ZodType<LocalGeneratorOptions> = z.strictObject({
  folder: z.union([z.string().min(1), z.instanceof(URL)]),
  variant: z.string().regex(/^\w+$/).optional(),
  layoutPrompt: z.custom<LayoutPrompt>((value) => typeof value === 'function').optional(),
  sampling: z.strictObject({ topK: z.int().min(1).optional(), topP: z.number().gt(0).max(1).optional(), repetitionPenalty: z.number().positive().optional() }).optional(),
  threads: z.int().min(1).optional(),
  version: z.string().min(1).optional(),
});

// What is said of a request beyond these has no limits here.
const requestSchema = z.object({
  maxTokens: z.int().min(1).optional(),
  temperature: z.number().min(0).optional(),
  seed: z.int().optional(),
  topLogprobs: z.int().min(1).max(20).optional(),
});

/** Likeliest tokens asked of the model, more than a request may ask for, as rows that no token of the vocabulary has are left out. */
const likelyReserve = 64;

interface LoadedModel extends ModelFolder {
  readonly session: DecodeSession;
  readonly sampling: LocalGeneratorOptions['sampling'];
  readonly layout: LayoutPrompt | undefined;
  readonly tokenName: (id: number) => string | undefined;
}

/**
 * A decoder (onnx/model.onnx or decoder_model_merged.onnx) or encoder-decoder (encoder_model.onnx and
 * decoder_model_merged.onnx) of a folder, run on this machine by `createDecodeSession`, text as it comes: the likeliest token each time, or
 * with a `temperature` drawn by `seed` (0 where there is none), so that a request repeats. Tokens are drafted from the prompt.
 *
 * A `schema` is left to the prompt. Log-probabilities are those of the model alone, before temperature and penalty. Chat templates
 * are not read: without `layoutPrompt`, messages are joined as in `promptText`. Names of special tokens in texts are never
 * obeyed. A prompt that is too long, or a model that fails, throws `generator-failed`.
 * @throws AlignSquadError `invalid-options`, `model-invalid` naming the file, `missing-dependency`.
 */
export async function createLocalGenerator(options: LocalGeneratorOptions): Promise<LocalGenerator> {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createLocalGenerator`', code: 'invalid-options' });
  const folder = await openModelFolder(parsed.folder, parsed.variant);
  const session = await openSession(folder, parsed.threads);
  const model: LoadedModel = { ...folder, session, sampling: parsed.sampling, layout: parsed.layoutPrompt, tokenName: nameTokens(folder) };
  return {
    contract: 'text-generator/1',
    version: parsed.version ?? folder.name,
    async *generate(
      request: GenerateRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): AsyncGenerator<GenerateEvent> {
      signal?.throwIfAborted();
      parseWith(requestSchema, request, { what: 'a request to a local model', code: 'invalid-options' });
      const ids = promptIds(request.prompt, model);
      try {
        yield* readTokens(model, request, ids, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (AlignSquadError.isInstance(error) && (error.code === 'generator-failed' || error.code === 'disposed')) throw error;
        throw new AlignSquadError('The local model failed.', { code: 'generator-failed', cause: error });
      }
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

async function* readTokens(model: LoadedModel, request: GenerateRequest, ids: readonly number[], signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent> {
  const { tokenizer, endIds, newTokens, maxPositions } = model;
  const room = roomAfter(model, ids.length);
  if (room < 1) throw new AlignSquadError(`The prompt has ${ids.length} tokens, and the model sees ${maxPositions}.`, { code: 'generator-failed' });
  const text = createTextStream(tokenizer);
  const stop = createStopTexts(request.stop ?? []);
  const places: (readonly TokenLogprob[])[] = [];
  let isAtEnd = false;
  const decoded = { ...requestOf(model, request), ids, maxTokens: Math.min(request.maxTokens ?? newTokens, room), signal };
  for await (const { id, likely } of tokensOf(model.session, decoded)) {
    isAtEnd = endIds.includes(id);
    if (isAtEnd) break;
    if (request.topLogprobs !== undefined) places.push(named(likely, request.topLogprobs, model));
    const piece = stop.push(text.push(id));
    if (piece !== '') yield { type: 'text', text: piece };
    if (stop.isFound) break;
  }
  // Bytes of a character that the limit cut in two are no text.
  const rest = stop.push(isAtEnd ? text.end() : '') + stop.end();
  if (rest !== '') yield { type: 'text', text: rest };
  signal?.throwIfAborted();
  yield { type: 'end', reason: isAtEnd || stop.isFound ? 'stop' : 'length', ...(places.length > 0 && { topLogprobs: places }) };
}

/** What a request asks of the session. */
function requestOf({ endIds, sampling }: LoadedModel, { temperature = 0, seed, topLogprobs }: GenerateRequest): Omit<DecodeSessionRequest, 'ids' | 'maxTokens'> {
  const isPlain = temperature === 0 && sampling?.repetitionPenalty === undefined;
  return {
    stopId: endIds[0],
    stops: endIds.slice(1).map((id) => [id]),
    ...(!isPlain && { sampling: { ...sampling, temperature, seed } }),
    ...(topLogprobs !== undefined && { topLogprobs: likelyReserve }),
  };
}

async function* tokensOf(session: DecodeSession, request: DecodeSessionRequest): AsyncGenerator<{ readonly id: number; readonly likely: readonly LikelyToken[] }, void, undefined> {
  for await (const event of session.decodeEvents(request)) {
    if (event.type === 'tokens') for (const [index, id] of event.ids.entries()) yield { id, likely: event.likely?.[index] ?? [] };
  }
}

function named(likely: readonly LikelyToken[], count: number, { tokenName }: LoadedModel): TokenLogprob[] {
  return likely.flatMap(({ id, logprob }) => {
    const token = tokenName(id);
    return token === undefined ? [] : [{ token, logprob }];
  }).slice(0, count);
}

/** Most tokens that may follow so many. */
function roomAfter({ files, maxPositions }: ModelFolder, promptTokens: number): number {
  if (files.encoder === undefined) return maxPositions - promptTokens;
  // The decoder has positions of its own, and its first token is one of them.
  return promptTokens > maxPositions ? 0 : maxPositions - 1;
}

async function openSession({ files, cache, startId }: ModelFolder, threads: number | undefined): Promise<DecodeSession> {
  if (files.encoder === undefined) return createDecodeSession(files.decoder, { cache, threads });
  if (startId !== undefined) return createDecodeSession(files.decoder, { encoder: files.encoder, startId, cache, threads });
  throw new AlignSquadError("The model's `config.json` names no `decoder_start_token_id`.", { code: 'model-invalid' });
}

/** Names of tokens: of special ones their own, of others their text. */
function nameTokens({ tokenizer }: ModelFolder): (id: number) => string | undefined {
  const special = new Map(tokenizer.specialTokens.map((name) => [tokenizer.tokenId(name), name]));
  return (id) => special.get(id) ?? (id < tokenizer.vocabularySize ? tokenizer.decode([id]) : undefined);
}
