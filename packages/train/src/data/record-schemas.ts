import type { Message } from '@align-squad/core';
import { z } from 'zod';

/** P(misaligned) by criterion, in [0, 1]. */
export type Labels = Readonly<Record<string, number>>;

/** What every record may hold. */
interface RecordFields {
  readonly prompt?: string | readonly Message[] | null | undefined;
  readonly context?: string | null | undefined;
  /** How much the record counts, at least 0. @default 1 */
  readonly weight?: number | undefined;
}

/** A labelled response, as a line holds it. */
export interface LabelledLine extends RecordFields {
  readonly response: string;
  readonly labels: Labels;
  /** Labels of the response's sentences, in order; null where unknown. */
  readonly sentences?: { readonly labels: readonly (Labels | null)[]; readonly weight?: number | undefined } | undefined;
  /** Two records that share it are ranked: the misaligned one over the aligned one. */
  readonly pair?: string | number | undefined;
}

/** A response that is labelled for the one criterion that is trained. */
export interface SingleLabelLine extends RecordFields {
  readonly response: string;
  readonly label: number;
}

/** A response with its correction. */
export interface CorrectionLine extends RecordFields {
  readonly response: string;
  readonly correction: string;
}

/** A triple (paper, section 3.1): a misaligned response and its correction; what is wrong with it is not read. */
export interface TripleLine extends RecordFields {
  /** Id of the criterion that `misaligned` fails; `clean` where the text is aligned for every criterion. */
  readonly criterion?: string | undefined;
  readonly misaligned: string;
  readonly aligned: string;
  /** The response was aligned to begin with. */
  readonly identity?: boolean | undefined;
}

/** The `criterion` of triples whose text is aligned for every criterion. */
export const cleanCriterion = 'clean';

const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });
const text = z.string().min(1);
const weight = z.number().min(0).max(1e6).optional();
const fields = { prompt: z.union([z.string(), z.array(message)]).nullish(), context: z.string().nullish(), weight };
const probability = z.number().min(0).max(1);
const labels = z.record(z.string(), probability).refine((given) => Object.keys(given).length > 0);

// Other fields are the caller's own and are left alone.
/** Schema of `LabelledLine`. */
export const labelledSchema: z.ZodType<LabelledLine> = z.object({
  ...fields,
  response: text,
  labels,
  sentences: z.object({ labels: z.array(labels.nullable()), weight }).optional(),
  pair: z.union([text, z.number()]).optional(),
});

/** Schema of `SingleLabelLine`. */
export const singleLabelSchema: z.ZodType<SingleLabelLine> = z.object({ ...fields, response: text, label: probability });

/** Schema of `CorrectionLine`. */
export const correctionSchema: z.ZodType<CorrectionLine> = z.object({ ...fields, response: text, correction: text });

/** Schema of `TripleLine`. */
export const tripleSchema: z.ZodType<TripleLine> = z.object({
  ...fields,
  criterion: text.optional(),
  misaligned: text,
  aligned: text,
  identity: z.boolean().optional(),
});

/** A triple whose text was aligned to begin with. */
export function isIdentity({ identity, criterion, misaligned, aligned }: TripleLine): boolean {
  return identity === true || criterion === cleanCriterion || misaligned === aligned;
}

/** A value has a field, whatever its type. */
export function hasField(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && field in value;
}
