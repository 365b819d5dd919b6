import { promptText } from '../exchange.js';
import type { GenerateEvent, GenerateRequest, TextGenerator, TokenLogprob } from '../text-generator.js';
import { createScript, isSame, playFailure, type Scripted, type ScriptedFailure } from './script.js';

/** What a call must look like; what is left out may be anything. */
export interface ExpectedGeneration extends Partial<GenerateRequest> {
  /** A part of the prompt's text. */
  readonly promptIncludes?: string | undefined;
}

/** One expected call: its completion, in one piece or in several; or how it fails, `after` some text. */
export type GeneratorStep = { readonly expect?: ExpectedGeneration | undefined } & (
  | {
      readonly text: string | readonly string[];
      /** @default 'stop' */
      readonly reason?: 'stop' | 'length' | undefined;
      /** What `end` tells of the most likely tokens. @default nothing */
      readonly topLogprobs?: readonly (readonly TokenLogprob[])[] | undefined;
    }
  | (ScriptedFailure & { readonly after?: readonly string[] | undefined })
);

/** Options of `scriptedGenerator`. */
export interface ScriptedGeneratorOptions {
  /** @default 'scripted-generator/1' */
  readonly version?: string | undefined;
}

/** A language model that answers the expected calls in order, and throws `unexpected-call` on any other. End the test with `assertDone()`. */
export function scriptedGenerator(
  steps: readonly GeneratorStep[],
  options: ScriptedGeneratorOptions = {},
): TextGenerator & Scripted<GenerateRequest> {
  const version = options.version ?? 'scripted-generator/1';
  const script = createScript<GenerateRequest, GeneratorStep>(version, steps);
  return {
    contract: 'text-generator/1',
    version,
    calls: script.calls,
    assertDone: script.assertDone,
    async *generate(
      request: GenerateRequest,
      { signal }: { readonly signal?: AbortSignal | undefined } = {},
    ): AsyncGenerator<GenerateEvent> {
      signal?.throwIfAborted();
      const step = script.next(request, ({ expect }) => findMismatch(expect, request));
      for (const text of 'text' in step ? [step.text].flat() : (step.after ?? [])) {
        yield { type: 'text', text };
        signal?.throwIfAborted();
      }
      if (!('text' in step)) return playFailure(step, version, signal);
      yield { type: 'end', reason: step.reason ?? 'stop', ...(step.topLogprobs && { topLogprobs: step.topLogprobs }) };
    },
  };
}

function findMismatch(expect: ExpectedGeneration = {}, request: GenerateRequest): string | undefined {
  const { promptIncludes, ...fields } = expect;
  if (promptIncludes !== undefined && !promptText(request.prompt).includes(promptIncludes)) return 'its prompt';
  const keys = Object.keys(fields) as (keyof typeof fields)[];
  const different = keys.find((key) => fields[key] !== undefined && !isSame(fields[key], request[key]));
  return different === undefined ? undefined : `its ${different}`;
}
