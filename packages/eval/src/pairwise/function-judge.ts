import { withBothOrders } from './both-orders.js';
import type { PairwiseJudge, PairwiseQuestion, Preference } from './judge.js';

/** Says which response is better. */
export type CompareFunction = (question: PairwiseQuestion, options: { readonly signal?: AbortSignal | undefined }) => Preference | Promise<Preference>;

/** Options of `createFunctionJudge`. */
export interface FunctionJudgeOptions {
  /** Names the judge in results. @default 'function-judge/1' */
  readonly version?: string | undefined;
  /** Ask in both orders; a preference that changes with the order is a tie. @default true */
  readonly bothOrders?: boolean | undefined;
}

/** A judge by a function: a rule, a script, a reward model. */
export function createFunctionJudge(compare: CompareFunction, options: FunctionJudgeOptions = {}): PairwiseJudge {
  const { version = 'function-judge/1', bothOrders = true } = options;
  const judge: PairwiseJudge = {
    contract: 'pairwise-judge/1',
    version,
    async compare(question, { signal } = {}) {
      signal?.throwIfAborted();
      return { preference: await compare(question, { signal }) };
    },
  };
  return bothOrders ? withBothOrders(judge) : judge;
}
