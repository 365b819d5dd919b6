import { AlignSquadError } from './errors.js';
import type { Message } from './exchange.js';

/** One request to a language model. */
export interface GenerateRequest {
  readonly prompt: string | readonly Message[];
  /** Most tokens to generate. */
  readonly maxTokens?: number | undefined;
  /** Sampling temperature; 0 is greedy. @default 0 */
  readonly temperature?: number | undefined;
  /** Texts that end the generation and are not part of it. */
  readonly stop?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** JSON schema that the completion should be a JSON document of; a generator that can't promise that leaves it to the prompt. */
  readonly schema?: { readonly name: string; readonly schema: Readonly<Record<string, unknown>> } | undefined;
  /** Most likely tokens to tell of for each token of the completion, 1 to 20. @default none */
  readonly topLogprobs?: number | undefined;
}

/** A token that a model could have gone on with, and its natural log-probability. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
}

/** Text as it comes, then one `end`. */
export type GenerateEvent =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end';
      readonly reason: 'stop' | 'length';
      /** Most likely tokens of each place [tokens][candidates], where they were asked for and the model tells them. */
      readonly topLogprobs?: readonly (readonly TokenLogprob[])[] | undefined;
    };

/** A whole completion. */
export interface Completion {
  readonly text: string;
  readonly reason: 'stop' | 'length';
  readonly topLogprobs?: readonly (readonly TokenLogprob[])[] | undefined;
}

/** The seam for any language model: an OpenAI-compatible server, a local ONNX decoder, a script. */
export interface TextGenerator {
  /** Version of this contract. */
  readonly contract: 'text-generator/1';
  /** Names the model, for results and caches. */
  readonly version: string;
  /** Streams one completion. Throws `generator-failed` or the signal's reason. */
  generate(request: GenerateRequest, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<GenerateEvent>;
}

/**
 * Reads a generator's stream to its end.
 * Rejects with `generator-failed` when it ends without `end`, with what the generator throws, or with the signal's reason.
 */
export async function collectCompletion(
  generator: TextGenerator,
  request: GenerateRequest,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Completion> {
  let text = '';
  for await (const event of generator.generate(request, options)) {
    options.signal?.throwIfAborted();
    if (event.type === 'text') text += event.text;
    else return { text, reason: event.reason, ...(event.topLogprobs && { topLogprobs: event.topLogprobs }) };
  }
  throw new AlignSquadError('The language model ended its answer early.', { code: 'generator-failed' });
}
