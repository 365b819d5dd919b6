import { raceAbort, type Criterion } from '@align-squad/core';
import type { AlignStreamOptions as SquadStreamOptions, StreamEvent, TextSource } from '@align-squad/squad';
import { criterionIds } from './criterion-ids.js';
import { sharedSquad } from './shared-squad.js';

/** Options of `alignStream`. */
export interface AlignStreamOptions extends Omit<SquadStreamOptions, 'criteria'> {}

/**
 * Aligns an answer while it is written, with the embedded pack, which is loaded by the first event; `criteria` as for
 * `alignSquad`. Sentences that pass come as `text` at once; one that does not is rewritten, or withheld, before anything of
 * it is given. The last event is `end`, with the result of the whole answer.
 * Throws `invalid-exchange`, `invalid-options`, `unknown-criterion`, `blocked` (policy `throw`), or the signal's reason.
 * @example
 * ```ts
 * import { alignStream } from 'align-squad';
 *
 * async function* answer(): AsyncGenerator<string> {
 *   yield* ['Women are too emotional to fly. ', 'Flight schools ask for a medical ', 'and a theory exam.'];
 * }
 * for await (const event of alignStream(answer(), ['ethical'], { prompt: 'Can a woman become a pilot?' })) {
 *   if (event.type === 'text') process.stdout.write(event.text);
 * }
 * ```
 */
export async function* alignStream(
  source: TextSource,
  criteria?: readonly (string | Criterion)[],
  options: AlignStreamOptions = {},
): AsyncGenerator<StreamEvent, void, undefined> {
  const squad = await raceAbort(sharedSquad.get(), options?.signal);
  const ids = criterionIds(criteria, squad.criteria);
  yield* squad.alignStream(source, ids === undefined ? options : { ...options, criteria: ids });
}
