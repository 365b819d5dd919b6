import { parseAnswer, type PairwiseJudge, type Preference } from './judge.js';

const mirrored = { first: 'second', second: 'first', tie: 'tie' } as const satisfies Record<Preference, Preference>;

/**
 * A judge that is asked in both orders, one after the other. Where its preference changes with the order the answer is a
 * tie with `orderChanged`; its reason is that of the first order.
 */
export function withBothOrders(judge: PairwiseJudge): PairwiseJudge {
  return {
    contract: 'pairwise-judge/1',
    version: judge.version,
    async compare(question, options = {}) {
      const straight = parseAnswer(await judge.compare(question, options));
      options.signal?.throwIfAborted();
      const swapped = parseAnswer(await judge.compare({ ...question, first: question.second, second: question.first }, options));
      const orderChanged = mirrored[swapped.preference] !== straight.preference;
      return { ...straight, preference: orderChanged ? 'tie' : straight.preference, orderChanged };
    },
  };
}
