import { parseWith } from '@align-squad/core';
import { z } from 'zod';

/** Two responses to one prompt, in the order in which a judge sees them. */
export interface PairwiseQuestion {
  readonly prompt?: string | undefined;
  /** Text that the responses must be grounded in. */
  readonly context?: string | undefined;
  /** Id of the criterion that the responses are compared by. @default which is better on the whole */
  readonly criterion?: string | undefined;
  readonly first: string;
  readonly second: string;
}

/** The response that a judge prefers. */
export type Preference = 'first' | 'second' | 'tie';

/** What a judge says of one question. */
export interface PairwiseAnswer {
  readonly preference: Preference;
  /** Whether the preference was another one in the other order; absent where only one order was asked. */
  readonly orderChanged?: boolean | undefined;
  /** Why, in the words of the judge; it may repeat the texts, so it is no text for logs. */
  readonly reason?: string | undefined;
}

/** Compares two responses: a language model, a function, a reward model. */
export interface PairwiseJudge {
  /** Version of this contract. */
  readonly contract: 'pairwise-judge/1';
  /** Names the judge in results. */
  readonly version: string;
  /** Rejects when the judge can't say, which is never a tie, or with the signal's reason. */
  compare(question: PairwiseQuestion, options?: { readonly signal?: AbortSignal | undefined }): Promise<PairwiseAnswer>;
}

const answerSchema: z.ZodType<PairwiseAnswer> = z.object({
  preference: z.enum(['first', 'second', 'tie']),
  orderChanged: z.boolean().optional(),
  reason: z.string().optional(),
});

/** The answer of a judge that may be anybody's, checked. @throws AlignSquadError `generator-failed` when it is none. */
export function parseAnswer(answer: unknown): PairwiseAnswer {
  return parseWith(answerSchema, answer, { what: 'an answer of the judge', code: 'generator-failed' });
}
