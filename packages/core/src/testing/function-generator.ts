import { toAlignSquadError } from '../errors.js';
import type { GenerateEvent, GenerateRequest, TextGenerator } from '../text-generator.js';

/** Options of `functionGenerator`. */
export interface FunctionGeneratorOptions {
  /** @default 'function-generator/1' */
  readonly version?: string | undefined;
}

/** The whole completion of a request. */
export type CompleteFunction = (request: GenerateRequest) => string;

/**
 * A language model that completes by a function, word by word: a token is a word with the white space before it.
 * Stop texts and `maxTokens` are kept; what the function throws becomes `generator-failed`.
 */
export function functionGenerator(
  complete: CompleteFunction,
  options: FunctionGeneratorOptions = {},
): TextGenerator & { readonly calls: readonly GenerateRequest[] } {
  const version = options.version ?? 'function-generator/1';
  const calls: GenerateRequest[] = [];
  const ask = (request: GenerateRequest): string => {
    try {
      return complete(request);
    } catch (error) {
      throw toAlignSquadError(error, `${version}: its function failed.`, 'generator-failed');
    }
  };
  return {
    contract: 'text-generator/1',
    version,
    calls,
    async *generate(
      request: GenerateRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): AsyncGenerator<GenerateEvent> {
      signal?.throwIfAborted();
      calls.push(request);
      const words = beforeStop(ask(request), request.stop ?? []).match(/\s*\S+|\s+$/gu) ?? [];
      const given = words.slice(0, request.maxTokens ?? words.length);
      for (const text of given) {
        yield { type: 'text', text };
        signal?.throwIfAborted();
      }
      yield { type: 'end', reason: given.length < words.length ? 'length' : 'stop' };
    },
  };
}

function beforeStop(text: string, stop: readonly string[]): string {
  const ends = stop.map((each) => text.indexOf(each)).filter((index) => index >= 0);
  return text.slice(0, Math.min(text.length, ...ends));
}
