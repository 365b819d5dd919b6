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
}

/** Text as it comes, then one `end`. */
export type GenerateEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end'; readonly reason: 'stop' | 'length' };

/** The seam for any language model: an OpenAI-compatible server, a local ONNX decoder, a script. */
export interface TextGenerator {
  /** Version of this contract. */
  readonly contract: 'text-generator/1';
  /** Names the model, for results and caches. */
  readonly version: string;
  /** Streams one completion. Throws `generator-failed` or the signal's reason. */
  generate(request: GenerateRequest, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<GenerateEvent>;
}
