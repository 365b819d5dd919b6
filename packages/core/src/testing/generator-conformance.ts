import { AlignSquadError } from '../errors.js';
import { collectCompletion, type Completion, type GenerateEvent, type GenerateRequest, type TextGenerator } from '../text-generator.js';
import {
  check,
  checkAborts,
  checkNoListeners,
  conformanceCase,
  oddTexts,
  type ConformanceCase,
  type Subjects,
} from './conformance.js';

/**
 * What a model may be unable to do: `repeat` the same completion at temperature 0, keep to `maxTokens`, keep to `stop` texts,
 * or take `anyText` as prompt, where it may throw `generator-failed` instead.
 */
export type GeneratorLimit = 'repeat' | 'maxTokens' | 'stop' | 'anyText';

/** Options of `generatorConformance`. */
export interface GeneratorConformanceOptions extends Subjects<TextGenerator> {
  /** An ordinary request, whose completion has at least two tokens and four characters. */
  readonly request: GenerateRequest;
  /** What the generator can't do, each with the reason; what is checked of it is left out. @default {} */
  readonly limits?: Readonly<Partial<Record<GeneratorLimit, string>>> | undefined;
}

type Body = (generator: TextGenerator) => Promise<void>;

interface Setting extends GeneratorConformanceOptions {
  readonly lacks: (limit: GeneratorLimit) => boolean;
}

/** What every text generator must do, as cases to loop over: `for (const { name, run } of generatorConformance(...)) test(name, run)`. */
export function generatorConformance(options: GeneratorConformanceOptions): ConformanceCase[] {
  const { request, limits = {} } = options;
  const setting: Setting = { ...options, lacks: (limit) => limits[limit] !== undefined };
  const cases: Readonly<Record<string, Body>> = {
    'describes itself': describesItself,
    'gives text, then exactly one `end`': async (generator) => {
      const { text } = await complete(generator, request);
      check(text.length >= 4, 'Expected a completion of at least four characters.');
    },
    ...(setting.lacks('repeat') ? {} : { 'completes the same request in the same way': (generator) => checkRepeats(generator, request) }),
    ...(setting.lacks('stop') ? {} : { 'ends before a stop text': (generator) => checkStop(generator, setting) }),
    ...(setting.lacks('maxTokens') ? {} : { 'gives no more tokens than it may': (generator) => checkMaxTokens(generator, setting) }),
    ...oddTextCases(setting),
    'throws the reason of a signal that is aborted before': (generator) =>
      checkAborts((signal) => drain(generator, request, signal), 'before'),
    'throws the reason of a signal that is aborted before the first event': (generator) =>
      checkAborts((signal) => drain(generator, request, signal), 'during'),
    'throws the reason of a signal that is aborted after the first text': (generator) => checkAbortAfterText(generator, request),
    'lets its reader stop early, and leaves no listener on the signal': async (generator) => {
      const { signal } = new AbortController();
      for await (const _ of generator.generate(request, { signal })) break;
      checkNoListeners(signal);
      await drain(generator, request, signal);
      checkNoListeners(signal);
    },
    'completes a request beside another as alone': (generator) => checkConcurrent(generator, setting),
  };
  return Object.entries(cases).map(([name, body]) => conformanceCase(options, name, body));
}

function oddTextCases({ lacks }: Setting): Record<string, Body> {
  const entries = Object.entries(oddTexts).map(([name, text]): [string, Body] => [
    `takes ${name} as prompt and in messages`,
    async (generator) => {
      const prompts: GenerateRequest['prompt'][] = [
        text,
        [{ role: 'user', content: text }],
        [
          { role: 'system', content: text },
          { role: 'user', content: 'Say it again.' },
          { role: 'assistant', content: text },
          { role: 'user', content: text },
        ],
      ];
      for (const prompt of prompts) await completeOrFail(generator, { prompt, maxTokens: 4 }, lacks('anyText'));
    },
  ]);
  return Object.fromEntries(entries);
}

async function describesItself(generator: TextGenerator): Promise<void> {
  check(generator.contract === 'text-generator/1', 'Expected `contract` to be `text-generator/1`.');
  check(generator.version.length > 0, 'Expected `version` to be a name.');
}

async function drain(generator: TextGenerator, request: GenerateRequest, signal: AbortSignal): Promise<void> {
  for await (const _ of generator.generate(request, { signal }));
}

/** A whole completion; checks the stream's shape on the way. */
async function complete(generator: TextGenerator, request: GenerateRequest): Promise<Completion> {
  const events: GenerateEvent[] = [];
  for await (const event of generator.generate(request)) {
    check(events.at(-1)?.type !== 'end', 'Expected nothing after `end`.');
    check(event.type === 'text' || event.type === 'end', 'Expected events of type `text` and `end` only.');
    if (event.type === 'text') check(typeof event.text === 'string', 'Expected `text` to be a string.');
    else check(event.reason === 'stop' || event.reason === 'length', 'Expected the reason of `end` to be `stop` or `length`.');
    events.push(event);
  }
  check(events.at(-1)?.type === 'end', 'Expected the stream to end with `end`.');
  return collectCompletion({ ...generator, generate: () => replay(events) }, request);
}

async function* replay(events: readonly GenerateEvent[]): AsyncGenerator<GenerateEvent> {
  yield* events;
}

async function completeOrFail(generator: TextGenerator, request: GenerateRequest, mayFail: boolean): Promise<void> {
  try {
    await complete(generator, request);
  } catch (error) {
    if (!mayFail || !AlignSquadError.isInstance(error) || error.code !== 'generator-failed') throw error;
  }
}

async function checkRepeats(generator: TextGenerator, request: GenerateRequest): Promise<void> {
  const [first, second] = [await complete(generator, request), await complete(generator, request)];
  check(first.text === second.text && first.reason === second.reason, 'Two runs gave different completions.');
}

async function checkStop(generator: TextGenerator, { request, lacks }: Setting): Promise<void> {
  const { text } = await complete(generator, request);
  const characters = [...text];
  const middle = Math.floor(characters.length / 2);
  const stop = characters.slice(middle, middle + 2).join('');
  check(stop.length > 0, 'Expected a completion to take a stop text from.');
  // The first stop text never comes, so one that is looked for alone is caught.
  const stopped = await complete(generator, { ...request, stop: ['\u0001never\u0001', stop] });
  check(!stopped.text.includes(stop), 'Expected the stop text not to be part of the completion.');
  if (lacks('repeat')) return;
  check(stopped.text === text.slice(0, text.indexOf(stop)), 'Expected all that comes before the stop text.');
  check(stopped.reason === 'stop', 'Expected the reason `stop` at a stop text.');
}

async function checkMaxTokens(generator: TextGenerator, { request, lacks }: Setting): Promise<void> {
  const whole = await complete(generator, request);
  const { text, reason } = await complete(generator, { ...request, maxTokens: 1 });
  check(reason === 'length', 'Expected the reason `length` after one token.');
  check(text.length < whole.text.length, 'Expected one token to be shorter than the whole completion.');
  check(lacks('repeat') || whole.text.startsWith(text), 'Expected one token to begin the whole completion.');
}

async function checkAbortAfterText(generator: TextGenerator, request: GenerateRequest): Promise<void> {
  const controller = new AbortController();
  const reason: unknown = { aborted: 'by a conformance case' };
  let thrown: unknown;
  try {
    for await (const _ of generator.generate(request, { signal: controller.signal })) controller.abort(reason);
  } catch (error) {
    thrown = error;
  }
  check(thrown === reason, "Aborted after the first text, it did not throw the signal's reason.");
  checkNoListeners(controller.signal);
}

async function checkConcurrent(generator: TextGenerator, { request, lacks }: Setting): Promise<void> {
  const other = { prompt: 'Count from one to three.', maxTokens: 2 };
  const [beside] = await Promise.all([complete(generator, request), complete(generator, other)]);
  if (lacks('repeat')) return;
  const alone = await complete(generator, request);
  check(beside.text === alone.text, 'The completion depends on what runs beside it.');
}
