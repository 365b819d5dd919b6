import { AlignSquadError } from '@align-squad/core';

/** A text, or a function that gives it for one call. */
export type TextOf<C> = string | ((call: C) => string | undefined);

/**
 * Checks an option that is a text, a function or absent.
 * @throws AlignSquadError `invalid-options`.
 */
export function checkText(name: string, text: unknown): void {
  if (['undefined', 'string', 'function'].includes(typeof text)) return;
  throw new AlignSquadError(`Expected \`${name}\` to be a string or a function.`, { code: 'invalid-options' });
}

/** The text for one call. */
export function readText<C>(text: TextOf<C> | undefined, call: C): string | undefined {
  return typeof text === 'function' ? text(call) : text;
}
