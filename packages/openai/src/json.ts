import { AlignSquadError } from '@align-squad/core';

/** A JSON object of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The object of a JSON text.
 * @throws AlignSquadError `source-failed`, without a cause: that of `JSON.parse` would quote the text.
 */
export function parseJson(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed('to be JSON');
  }
  if (!isJson(value)) throw malformed('to be a JSON object');
  return value;
}

/** The named fields, and any others that can hold no text (numbers, booleans, null). */
export function keepFields(value: Json, names: readonly string[]): Json {
  return Object.fromEntries(
    Object.entries(value).filter(([name, field]) => names.includes(name) || field === null || ['number', 'boolean'].includes(typeof field)),
  );
}

/** The objects of a list, each of them checked. */
export function listOf(value: unknown, what: string): readonly Json[] {
  if (Array.isArray(value) && value.every(isJson)) return value;
  throw malformed(`to have ${what} as a list of objects`);
}

/** The error of the upstream, when an answer is that in place of `field`. */
export function errorOnly(body: Json, field: string): Json | undefined {
  return body[field] === undefined && isJson(body['error']) ? { error: body['error'] } : undefined;
}

/** The error for an answer that can't be read and so is never passed on. */
export function malformed(what: string): AlignSquadError {
  return new AlignSquadError(`Expected the answer of the upstream ${what}; nothing of it was passed on.`, { code: 'source-failed' });
}
