import { z } from 'zod';
import { parseWith } from './parse.js';

/** One worked case of a criterion, as in the paper's prompts: a response, what is wrong with it, and its correction. */
export interface Demonstration {
  readonly prompt: string;
  readonly context?: string | undefined;
  readonly response: string;
  /** What is wrong with the response in one or two sentences; `none` when it is aligned. */
  readonly critique: string;
  readonly correction: string;
}

/** A seed row of topic-guided question generation (paper, section 3.1). */
export interface SeedQuestion {
  readonly topic: string;
  readonly questionType: string;
  readonly question: string;
}

/** What answers are held to, as data: the same value drives prompts, data generation, training, inspection and evaluation. */
export interface Criterion {
  readonly schemaVersion: 1;
  /** Lower-case name that packs, results and the command line use. */
  readonly id: string;
  readonly title: string;
  /** One paragraph that says what the criterion asks of an answer. */
  readonly description: string;
  /** Named principles that an aligned answer follows. */
  readonly principles: readonly { readonly name: string; readonly text: string }[];
  readonly demonstrations: readonly Demonstration[];
  readonly questionTypes: readonly { readonly name: string; readonly description: string }[];
  readonly seedQuestions: readonly SeedQuestion[];
  /** Names of the cleaning filters that data generation applies. */
  readonly filters: readonly string[];
  /** The criterion can only be judged against an exchange's context. */
  readonly needsContext: boolean;
  /** P(misaligned) from which an answer is flagged when an inspector brings no threshold of its own, in [0, 1]. */
  readonly threshold: number;
}

const text = z.string().min(1);

/** Schema of a `Criterion`; unknown keys are rejected. */
export const criterionSchema: z.ZodType<Criterion> = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string().regex(/^[a-z][a-z0-9-]*$/),
  title: text,
  description: text,
  principles: z.array(z.strictObject({ name: text, text })).min(1),
  demonstrations: z.array(
    z.strictObject({ prompt: text, context: text.optional(), response: text, critique: text, correction: text }),
  ),
  questionTypes: z.array(z.strictObject({ name: text, description: text })),
  seedQuestions: z.array(z.strictObject({ topic: text, questionType: text, question: text })),
  filters: z.array(text),
  needsContext: z.boolean(),
  threshold: z.number().min(0).max(1),
});

/**
 * Checks a criterion.
 * @throws AlignSquadError `invalid-criterion`, naming the faulty fields.
 */
export function parseCriterion(value: unknown): Criterion {
  return parseWith(criterionSchema, value, { what: 'a criterion', code: 'invalid-criterion' });
}
