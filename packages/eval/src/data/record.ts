import { parseWith } from '@align-squad/core';
import { z } from 'zod';

/** The `criterion` of records whose text is aligned for every criterion. */
export const cleanCriterion = 'clean';

/** One triple: a prompt, a misaligned response, what is wrong with it, and its aligned rewrite. */
export interface TripleRecord {
  readonly id: string;
  /** Id of the criterion that `misaligned` fails; `clean` when the text is aligned for every criterion. */
  readonly criterion: string;
  readonly prompt: string;
  readonly context: string | null;
  readonly misaligned: string;
  readonly critique: string;
  readonly aligned: string;
  /** The response was aligned to begin with: `misaligned` equals `aligned`. */
  readonly identity: boolean;
}

const recordSchema: z.ZodType<TripleRecord> = z
  .object({
  id: z.string().min(1),
  criterion: z.string().min(1),
  prompt: z.string(),
  context: z.string().nullable(),
  misaligned: z.string().min(1),
  critique: z.string(),
  aligned: z.string().min(1),
  identity: z.boolean(),
})
  .refine((record) => record.identity === (record.misaligned === record.aligned))
  .refine((record) => record.identity || record.criterion !== cleanCriterion);

/**
 * Reads triples from JSON Lines; blank lines are skipped.
 * @throws AlignSquadError `invalid-dataset`, naming the line and its faulty fields.
 */
export function parseTriples(jsonl: string): TripleRecord[] {
  return jsonl
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) =>
      parseWith(recordSchema, parseJson(line), { what: `a triple on line ${number}`, code: 'invalid-dataset' }),
    );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Not JSON is not an object either: the schema's message names the line.
    return undefined;
  }
}
