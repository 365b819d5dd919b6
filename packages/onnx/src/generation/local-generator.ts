import { AlignSquadError, parseWith, type GenerateEvent, type GenerateRequest, type TextGenerator, type TokenLogprob } from '@align-squad/core';
import { z } from 'zod';
import { greedyDecode, greedyDecodeEncoded, type DecodeTokens } from '../decoding/greedy-decode.js';
import { createTextStream } from '../decoding/text-stream.js';
import { createSession, type OnnxSession } from '../session/session.js';
import type { Tensor } from '../session/tensor.js';
import { likelyTokens } from './likely-tokens.js';
import { openModelFolder, type ModelFolder } from './model-folder.js';
import { promptIds, type LayoutPrompt } from './prompt-ids.js';
import { createStopTexts } from './stop-texts.js';

/** Options of `createLocalGenerator`. */
export interface LocalGeneratorOptions {
  /** A folder in the Hugging Face layout, with graphs as transformers.js takes them. */
  readonly folder: string | URL;
  /** Ending of the graphs' names, such as `q8` for onnx/model_q8.onnx. @default none */
  readonly variant?: string | undefined;
  /** Lays prompts out as the model was trained on them. @default `promptText`, in the special tokens of the tokenizer */
  readonly layoutPrompt?: LayoutPrompt | undefined;
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
  threads: z.int().min(1).optional(),
  version: z.string().min(1).optional(),
});

// What is said of a request beyond these has no limits here.
const requestSchema = z.object({
  maxTokens: z.int().min(1).optional(),
  temperature: z.literal(0).optional(),
  topLogprobs: z.int().min(1).max(20).optional(),
});

/** Decoding that tells `seen` of the logits of each step. */
type DecodeTold = (request: Parameters<DecodeTokens>[0], seen: (logits: Tensor) => void) => ReturnType<DecodeTokens>;

interface LoadedModel extends ModelFolder {
  readonly decode: DecodeTold;
  /** Most tokens that may follow so many. */
  readonly roomAfter: (promptTokens: number) => number;
  readonly layout: LayoutPrompt | undefined;
  readonly tokenName: (id: number) => string | undefined;
}

/**
 * A decoder (onnx/model.onnx or decoder_model_merged.onnx) or encoder-decoder (encoder_model.onnx and
 * decoder_model_merged.onnx) of a folder, run on this machine by the likeliest token each time, text as it comes.
 *
 * `temperature` other than 0 throws `invalid-options`; `seed` changes nothing, and a `schema` is left to the prompt. Chat templates
 * are not read: without `layoutPrompt`, messages are joined as in `promptText`. Names of special tokens in texts are never
 * obeyed. A prompt that is too long, or a model that fails, throws `generator-failed`.
 * @throws AlignSquadError `invalid-options`, `model-invalid` naming the file, `missing-dependency`.
 */
export async function createLocalGenerator(options: LocalGeneratorOptions): Promise<LocalGenerator> {
  const parsed = parseWith(optionsSchema, options, { what: 'options of `createLocalGenerator`', code: 'invalid-options' });
  const folder = await openModelFolder(parsed.folder, parsed.variant);
  const sessions = await openSessions(folder, parsed.threads);
  const model: LoadedModel = { ...folder, ...sessions, layout: parsed.layoutPrompt, tokenName: nameTokens(folder) };
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
    dispose: sessions.dispose,
    [Symbol.asyncDispose]: sessions.dispose,
  };
}

async function* readTokens(model: LoadedModel, request: GenerateRequest, ids: readonly number[], signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent> {
  const { tokenizer, endIds, newTokens, decode, roomAfter, tokenName } = model;
  const room = roomAfter(ids.length);
  if (room < 1) throw new AlignSquadError(`The prompt has ${ids.length} tokens, and the model sees ${model.maxPositions}.`, { code: 'generator-failed' });
  const text = createTextStream(tokenizer);
  const stop = createStopTexts(request.stop ?? []);
  const places: (readonly TokenLogprob[])[] = [];
  let logits: Tensor | undefined;
  let reason: 'stop' | 'length' = 'length';
  for await (const id of decode({ ids, maxTokens: Math.min(request.maxTokens ?? newTokens, room), signal }, (seen) => (logits = seen))) {
    if (endIds.includes(id)) {
      reason = 'stop';
      break;
    }
    if (request.topLogprobs !== undefined) places.push(likelyTokens(logits, request.topLogprobs, tokenName));
    const piece = stop.push(text.push(id));
    if (piece !== '') yield { type: 'text', text: piece };
    if (stop.isFound) break;
  }
  // Bytes of a character that the limit cut in two are no text.
  const rest = stop.push(reason === 'stop' ? text.end() : '') + stop.end();
  if (rest !== '') yield { type: 'text', text: rest };
  signal?.throwIfAborted();
  yield { type: 'end', reason: stop.isFound ? 'stop' : reason, ...(places.length > 0 && { topLogprobs: places }) };
}

async function openSessions(folder: ModelFolder, threads: number | undefined): Promise<Pick<LoadedModel, 'decode' | 'roomAfter'> & { dispose(): Promise<void> }> {
  const { files, cache, startId, maxPositions } = folder;
  const decoder = await createSession(files.decoder, { threads });
  if (files.encoder === undefined) {
    return {
      decode: (request, seen) => greedyDecode(tellLogits(decoder, seen), { ...request, cache }),
      roomAfter: (promptTokens) => maxPositions - promptTokens,
      dispose: () => decoder.dispose(),
    };
  }
  const encoder = await createSession(files.encoder, { threads }).catch(async (error: unknown) => {
    await decoder.dispose();
    throw error;
  });
  const dispose = async (): Promise<void> => {
    await Promise.all([encoder.dispose(), decoder.dispose()]);
  };
  if (startId === undefined) {
    await dispose();
    throw new AlignSquadError("The model's `config.json` names no `decoder_start_token_id`.", { code: 'model-invalid' });
  }
  return {
    decode: (request, seen) => greedyDecodeEncoded({ encoder, decoder: tellLogits(decoder, seen) }, { ...request, cache, startId }),
    // The decoder has positions of its own, and its first token is one of them.
    roomAfter: (promptTokens) => (promptTokens > maxPositions ? 0 : maxPositions - 1),
    dispose,
  };
}

/** The session, which tells the logits of each pass. */
function tellLogits(session: OnnxSession, seen: (logits: Tensor) => void): OnnxSession {
  return {
    ...session,
    async run(inputs, outputs) {
      const results = await session.run(inputs, outputs);
      if (results['logits']) seen(results['logits']);
      return results;
    },
  };
}

/** Names of tokens: of special ones their own, of others their text. */
function nameTokens({ tokenizer }: ModelFolder): (id: number) => string | undefined {
  const special = new Map(tokenizer.specialTokens.map((name) => [tokenizer.tokenId(name), name]));
  return (id) => special.get(id) ?? (id < tokenizer.vocabularySize ? tokenizer.decode([id]) : undefined);
}
