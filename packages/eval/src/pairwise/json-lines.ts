import { parseWith } from '@align-squad/core';
import type { z } from 'zod';

/**
 * The values of JSON Lines; blank lines are skipped.
 * @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields.
 */
export function parseJsonLines<T>(jsonl: string, schema: z.ZodType<T>, what: string): T[] {
  return jsonl.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseWith(schema, parseJson(line), { what: `${what} on line ${index + 1}`, code: 'invalid-dataset' })]));
}

/** The value of a JSON text; undefined when it is none, which every schema refuses. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON Lines of values. */
export function toJsonLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
