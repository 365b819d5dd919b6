import { promptText, type GenerateEvent, type GenerateRequest, type TextGenerator } from '@align-squad/core';

/** A language model that answers by a function; `prompts` and `requests` are what it was asked. */
export interface AnsweringGenerator extends TextGenerator {
  readonly requests: readonly GenerateRequest[];
  readonly prompts: readonly string[];
  /** Most requests that were in progress at a time. */
  readonly mostAtOnce: () => number;
}

type Answer = string | readonly GenerateEvent[];

/** Answers each request by `answer`: a text, or all events of the stream. */
export function answeringGenerator(answer: (request: GenerateRequest, prompt: string) => Answer | Promise<Answer>): AnsweringGenerator {
  const requests: GenerateRequest[] = [];
  const prompts: string[] = [];
  let now = 0;
  let most = 0;
  return {
    contract: 'text-generator/1',
    version: 'answering-generator/1',
    requests,
    prompts,
    mostAtOnce: () => most,
    async *generate(request) {
      requests.push(request);
      prompts.push(promptText(request.prompt));
      most = Math.max(most, ++now);
      try {
        await new Promise(setImmediate);
        const events = await answer(request, promptText(request.prompt));
        yield* typeof events === 'string' ? [{ type: 'text', text: events } as const, { type: 'end', reason: 'stop' } as const] : events;
      } finally {
        now -= 1;
      }
    },
  };
}

/** The events of an answer whose first token has these probabilities of A and B; `a` is 1 - `b` unless it is given. */
export function letterEvents(text: string, b: number, a: number = 1 - b): GenerateEvent[] {
  const place = [{ token: 'A', logprob: Math.log(a) }, { token: 'B', logprob: Math.log(b) }];
  return [{ type: 'text', text }, { type: 'end', reason: 'stop', topLogprobs: [place] }];
}
