import { createSquad } from '../create-squad.js';
import type { SquadOptions } from '../options.js';
import type { StreamEvent } from './events.js';
import type { TextSource } from './open-text-source.js';
import type { AlignStreamOptions } from './options.js';
import { alignStreamWith } from './stream-events.js';

/**
 * Aligns an answer while it is written: each sentence is held, inspected as the continuation of what passed before, and
 * released as it is, rewritten, or as the policy says. Nothing of a sentence is released that was not shown to pass,
 * unless the policy is `keep`; white space alone is not inspected. At the end the whole answer is judged.
 * A source that fails gives an `error` event and the outcome `error`; a deadline drops what is held, outcome `timeout`.
 * Throws `invalid-options`, `invalid-exchange` or `unknown-criterion` with the first event, `blocked` (policy `throw`),
 * or the signal's reason. Leaving early or aborting lets the source go.
 */
export function alignStream(
  squadOptions: SquadOptions,
  source: TextSource,
  options: AlignStreamOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> {
  return alignStreamWith(createSquad, squadOptions, { source, options });
}
