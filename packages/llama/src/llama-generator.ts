import { randomInt } from 'node:crypto';
import { basename } from 'node:path';
import { AlignSquadError, createStopTexts, parseWith, raceAbort, type GenerateEvent, type GenerateRequest, type TextGenerator, type TokenLogprob } from '@align-squad/core';
import { z } from 'zod';
import { grammarSchema } from './grammar-schema.js';
import { loadLlamaBinding, type LlamaBinding, type LlamaSample, type LlamaSampling, type LlamaSequence, type LlamaToken } from './llama-binding.js';
import { openModel, type OpenModel } from './open-model.js';
import { createPromptLayout, type LaidOutPrompt, type PromptLayout } from './prompt-layout.js';
import { createSequencePool, disposedError } from './sequence-pool.js';
import { createTextStream } from './text-stream.js';
import { tokenLogprobs } from './token-logprobs.js';

/** Options of `createLlamaGenerator`. */
export interface LlamaGeneratorOptions {
  /** A GGUF file; of a split model, its first part. */
  readonly modelPath: string;
  /** Most tokens of a prompt with its completion; no more than the model was trained on. @default 4096 */
  readonly contextSize?: number | undefined;
  /** Requests that are decoded together; others wait. More than one is faster, but a text may then depend on what is decoded beside it, as sums are rounded otherwise. @default 1 */
  readonly sequences?: number | undefined;
  /** Threads inside one pass. @default 1 */
  readonly threads?: number | undefined;
  /** `auto` takes a graphics card where node-llama-cpp finds one. @default false */
  readonly gpu?: false | 'auto' | undefined;
  /** `chat` lays prompts out by the template of the model; `text` joins them as `promptText` does. @default 'chat' where the model has a template */
  readonly layout?: 'chat' | 'text' | undefined;
  /** Where sampling is cut off: only so many of the likeliest tokens; 0 takes all. @default 0 */
  readonly topK?: number | undefined;
  /** Where sampling is cut off: only the likeliest tokens that sum up to this probability. @default 1 */
  readonly topP?: number | undefined;
  /** Names the model in results and caches. @default the name of the file */
  readonly version?: string | undefined;
}

/** A text generator that owns a model. */
export interface LlamaGenerator extends TextGenerator, AsyncDisposable {
  /** Frees the model; requests that run, wait or come later throw `disposed`. */
  dispose(): Promise<void>;
}

const optionsSchema = z.strictObject({
  modelPath: z.string().min(1),
  contextSize: z.int().min(8).default(4096),
  sequences: z.int().min(1).max(64).default(1),
  threads: z.int().min(1).default(1),
  gpu: z.union([z.literal(false), z.literal('auto')]).default(false),
  layout: z.enum(['chat', 'text']).optional(),
  topK: z.int().min(0).default(0),
  topP: z.number().gt(0).max(1).default(1),
  version: z.string().min(1).optional(),
}) satisfies z.ZodType<unknown, LlamaGeneratorOptions>;

type ResolvedOptions = z.output<typeof optionsSchema>;

// What is said of a request beyond these has no limits here.
const requestSchema = z.object({
  maxTokens: z.int().min(1).optional(),
  temperature: z.number().min(0).optional(),
  seed: z.int().optional(),
  topLogprobs: z.int().min(1).max(20).optional(),
});

// So many tokens of a prompt go into one call, so that an abort ends the work soon.
const prefillTokens = 512;

interface LoadedModel extends OpenModel {
  readonly binding: LlamaBinding;
  readonly options: ResolvedOptions;
  readonly layOut: PromptLayout;
  readonly isDisposed: () => boolean;
}

/**
 * A decoder in a GGUF file, run on this machine by llama.cpp, text as it comes. It needs `node-llama-cpp`, and neither downloads nor
 * compiles anything.
 *
 * `temperature` above 0 samples, and the same `seed` gives the same text. A `schema` is kept by a grammar, but is left to the
 * prompt where it has references. Names of control tokens in texts are never obeyed. A prompt that is too long, or a model that fails,
 * throws `generator-failed`; `topLogprobs` of a temperature above 0 with `topK` or `topP` throws `invalid-options`.
 * @throws AlignSquadError `invalid-options`, `model-invalid` naming the file, `missing-dependency`.
 */
export async function createLlamaGenerator(options: LlamaGeneratorOptions): Promise<LlamaGenerator> {
  return createGeneratorOver(loadLlamaBinding, options);
}

/** The generator over a library that `load` gives, once the options are sound. */
export async function createGeneratorOver(load: () => Promise<LlamaBinding>, given: LlamaGeneratorOptions): Promise<LlamaGenerator> {
  const options = parseWith<ResolvedOptions>(optionsSchema, given, { what: 'options of `createLlamaGenerator`', code: 'invalid-options' });
  const binding = await load();
  const opened = await openModel(binding, options);
  let layOut: PromptLayout;
  try {
    layOut = createPromptLayout(binding, opened.model, options.layout);
  } catch (error) {
    await opened.dispose();
    throw error;
  }
  const pool = createSequencePool(opened.sequences);
  let disposing: Promise<void> | undefined;
  const model: LoadedModel = { ...opened, binding, options, layOut, isDisposed: () => disposing !== undefined };
  const dispose = (): Promise<void> => {
    pool.close();
    return (disposing ??= opened.dispose());
  };
  return {
    contract: 'text-generator/1',
    version: options.version ?? basename(options.modelPath, '.gguf'),
    async *generate(
      request: GenerateRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): AsyncGenerator<GenerateEvent> {
      signal?.throwIfAborted();
      checkRequest(request, options);
      const sequence = await pool.acquire(signal);
      const running: { samples?: AsyncGenerator<LlamaSample> } = {};
      try {
        yield* readText(model, request, (prompt, sampling) => (running.samples = sampleTokens(sequence, prompt, sampling, signal)), signal);
      } catch (error) {
        signal?.throwIfAborted();
        throw toFailure(error, model);
      } finally {
        // A pass that still runs after an abort ends first.
        const free = (): void => pool.release(sequence);
        if (running.samples) void running.samples.return(undefined).then(free, free);
        else free();
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function checkRequest(request: GenerateRequest, { topK, topP }: ResolvedOptions): void {
  const { temperature = 0, topLogprobs } = parseWith(requestSchema, request, { what: 'a request to a GGUF model', code: 'invalid-options' });
  if (topLogprobs !== undefined && temperature > 0 && (topK > 0 || topP < 1)) {
    throw new AlignSquadError('The probabilities of tokens are not known where `topK` or `topP` cut them off; leave these out, or set `temperature` to 0.', { code: 'invalid-options' });
  }
}

function toFailure(error: unknown, { isDisposed }: LoadedModel): AlignSquadError {
  if (isDisposed()) return disposedError();
  if (AlignSquadError.isInstance(error)) return error;
  return new AlignSquadError('The GGUF model failed.', { code: 'generator-failed', cause: error });
}

type StartSampling = (prompt: LlamaToken[], sampling: LlamaSampling & { readonly probabilities: boolean }) => AsyncGenerator<LlamaSample>;

async function* readText(model: LoadedModel, request: GenerateRequest, start: StartSampling, signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent> {
  const prompt = model.layOut(request.prompt);
  const limit = tokenLimit(model, prompt, request);
  const { grammar, endTexts } = await grammarOf(model, request);
  const { temperature = 0, seed = randomInt(2 ** 32), topLogprobs: count } = request;
  const { topK, topP } = model.options;
  const sampling = { temperature, topK, topP, seed: seed >>> 0, probabilities: count !== undefined, ...(grammar && { grammarEvaluationState: grammar }) };
  const samples = start(prompt.tokens, sampling);
  const text = createTextStream(model.model, prompt.tokens);
  const stop = createStopTexts([...(request.stop ?? []), ...prompt.endTexts, ...endTexts]);
  const places: (readonly TokenLogprob[])[] = [];
  const name = (token: LlamaToken): string => model.model.detokenize([token], true);
  let reason: 'stop' | 'length' = 'length';
  for (let tokens = 0; tokens < limit && !stop.isFound; tokens++) {
    const { value, done } = await raceAbort(samples.next(), signal);
    if (model.isDisposed()) throw disposedError();
    if (done === true || prompt.endTokens.includes(value.token)) {
      reason = 'stop';
      break;
    }
    if (count !== undefined && value.probabilities) places.push(tokenLogprobs(value.probabilities, { count, temperature, name }));
    const piece = stop.push(text.push(value.token));
    if (piece !== '') yield { type: 'text', text: piece };
    signal?.throwIfAborted();
  }
  // Bytes of a character that the limit cut in two are no text.
  const rest = stop.push(reason === 'stop' ? text.end() : '') + stop.end();
  if (rest !== '') yield { type: 'text', text: rest };
  signal?.throwIfAborted();
  yield { type: 'end', reason: stop.isFound ? 'stop' : reason, ...(places.length > 0 && { topLogprobs: places }) };
}

async function* sampleTokens(
  sequence: LlamaSequence,
  prompt: LlamaToken[],
  { probabilities, ...sampling }: LlamaSampling & { readonly probabilities: boolean },
  signal: AbortSignal | undefined,
): AsyncGenerator<LlamaSample> {
  await sequence.clearHistory();
  let start = 0;
  for (; prompt.length - start > prefillTokens; start += prefillTokens) {
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(start, start + prefillTokens));
    signal?.throwIfAborted();
  }
  yield* sequence.evaluateWithMetadata(prompt.slice(start), { probabilities }, sampling);
}

/** Most tokens of the completion. */
function tokenLimit({ sequences }: LoadedModel, { tokens }: LaidOutPrompt, { maxTokens }: GenerateRequest): number {
  const contextSize = sequences[0]?.contextSize ?? 0;
  const room = contextSize - tokens.length;
  if (room < 1) throw new AlignSquadError(`The prompt has ${tokens.length} tokens, and \`contextSize\` is ${contextSize}.`, { code: 'generator-failed' });
  return Math.min(maxTokens ?? room, room);
}

/** The grammar of the schema, and what ends a text by it. */
async function grammarOf({ binding, llama, model }: LoadedModel, { schema }: GenerateRequest): Promise<{ readonly grammar?: object; readonly endTexts: readonly string[] }> {
  const wanted = schema && grammarSchema(schema.schema);
  if (!wanted) return { endTexts: [] };
  const grammar = await llama.createGrammarForJsonSchema(wanted);
  // The grammars of node-llama-cpp let a model end after four newlines only.
  return { grammar: new binding.LlamaGrammarEvaluationState({ model, grammar }), endTexts: ['\n\n\n\n'] };
}
