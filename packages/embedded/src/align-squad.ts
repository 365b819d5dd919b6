import type { Criterion, Exchange, Inspection } from '@align-squad/core';
import type { AlignOptions, AlignResult, SquadInspectOptions } from '@align-squad/squad';
import { resolveCall, type ResponseOptions } from './call-squad.js';
import { sharedSquad } from './shared-squad.js';

/** Options of `alignSquad`. */
export interface AlignSquadOptions extends Omit<AlignOptions, 'criteria'>, ResponseOptions {}

/** Options of `inspect`. */
export interface InspectResponseOptions extends Omit<SquadInspectOptions, 'criteria'>, ResponseOptions {}

/**
 * Aligns one response with the embedded pack, which is loaded on the first call; `deadlineMs` doesn't count that load.
 * `criteria` are ids or Criterion values that the pack serves; all of them when left out.
 * Rejects with `invalid-exchange`, `invalid-options`, `unknown-criterion`, `blocked` (policy `throw`), or the signal's reason.
 * @example
 * ```ts
 * import { alignSquad } from 'align-squad';
 *
 * const { outcome, response } = await alignSquad('Nobody hires women for that.', ['ethical'], { prompt: 'Can I become a pilot?' });
 * ```
 */
export async function alignSquad(
  response: string | Exchange,
  criteria?: readonly (string | Criterion)[],
  options: AlignSquadOptions = {},
): Promise<AlignResult> {
  const call = await resolveCall(sharedSquad.get, { response, criteria, options });
  return call.squad.align(call.exchange, call.options);
}

/**
 * Judges one response with the embedded pack and rewrites nothing; `criteria` as for `alignSquad`.
 * Rejects with `invalid-exchange`, `invalid-options`, `unknown-criterion`, or the signal's reason.
 */
export async function inspect(
  response: string | Exchange,
  criteria?: readonly (string | Criterion)[],
  options: InspectResponseOptions = {},
): Promise<Inspection> {
  const call = await resolveCall(sharedSquad.get, { response, criteria, options });
  return call.squad.inspect(call.exchange, call.options);
}

/** Frees the models behind `alignSquad` and `inspect`; the next call loads them again. */
export async function disposeDefaultSquad(): Promise<void> {
  await sharedSquad.dispose();
}
