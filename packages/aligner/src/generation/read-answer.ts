import { AlignSquadError, type GenerateRequest, type TextGenerator } from '@align-squad/core';
import type { RewriteEvent } from '../designs/read-rewrite.js';
import { untilAborted } from './until-aborted.js';

/** How much of an answer is read, and until when. */
export interface ReadAnswerOptions {
  /** An answer that gets longer is not whole; nothing more of it is read. */
  readonly maxCharacters: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The answer of a model as it comes, then whether it came to its own end.
 * Throws what the generator throws, the signal's reason, or `generator-failed` for a stream that just stops.
 */
export async function* readAnswer(
  generator: TextGenerator,
  request: GenerateRequest,
  { maxCharacters, signal }: ReadAnswerOptions,
): AsyncGenerator<RewriteEvent, void, undefined> {
  let characters = 0;
  for await (const event of untilAborted(generator.generate(request, { signal }), signal)) {
    if (event.type === 'end') return yield { type: 'end', isWhole: event.reason === 'stop' };
    characters += event.text.length;
    if (characters > maxCharacters) return yield { type: 'end', isWhole: false };
    if (event.text !== '') yield event;
  }
  throw new AlignSquadError('The language model ended its answer early.', { code: 'generator-failed' });
}

/**
 * The whole answer up to the first of the request's stop texts, also where the generator goes on behind it; undefined
 * when the answer was cut.
 */
export async function readWholeAnswer(generator: TextGenerator, request: GenerateRequest, options: ReadAnswerOptions): Promise<string | undefined> {
  const stop = request.stop ?? [];
  const longest = Math.max(0, ...stop.map(({ length }) => length));
  let text = '';
  for await (const event of readAnswer(generator, request, options)) {
    if (event.type === 'end') return event.isWhole ? text : undefined;
    // A stop text may have begun in what came before.
    const from = Math.max(0, text.length - longest);
    text += event.text;
    const ends = stop.map((each) => text.indexOf(each, from)).filter((at) => at >= 0);
    if (ends.length > 0) return text.slice(0, Math.min(...ends));
  }
  return undefined;
}
