import { AlignSquadError } from '@align-squad/core';
import type { RewriteEvent } from '../designs/read-rewrite.js';
import { rewriteOf, type UnwantedTexts } from './unwanted-texts.js';

/**
 * The texts of a rewrite as they come, from where it differs from what it must not repeat, without white space around it.
 * No text where there is no rewrite. Throws `aligner-failed` when text was given and the rewrite turns out to be cut.
 */
export async function* liveTexts(events: AsyncIterable<RewriteEvent>, unwanted: UnwantedTexts): AsyncGenerator<string, void, undefined> {
  let held = '';
  let isGiven = false;
  for await (const event of events) {
    if (event.type === 'text') {
      held += event.text;
      // White space at the end may be the last of the rewrite.
      const ready = isGiven ? held.trimEnd() : held.trim();
      if (ready === '' || (!isGiven && mayRepeat(ready, unwanted))) continue;
      yield ready;
      isGiven = true;
      held = held.slice(held.trimEnd().length);
    } else if (!event.isWhole && isGiven) {
      throw new AlignSquadError('The language model was cut off in the middle of a rewrite; raise `maxTokens` or `maxCharacters`.', { code: 'aligner-failed' });
    } else if (event.isWhole && !isGiven) {
      const rewrite = rewriteOf(held, unwanted);
      if (rewrite !== undefined) yield rewrite;
    }
  }
}

/** Whether a text may go on as one that is unwanted. */
function mayRepeat(text: string, { same, asked }: UnwantedTexts): boolean {
  return same.some((each) => each.startsWith(text)) || (asked !== '' && (asked.startsWith(text) || text.startsWith(asked)));
}
