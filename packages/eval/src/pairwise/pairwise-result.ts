import type { Interval } from '../metrics/bootstrap.js';
import { effectiveTrials, wilsonInterval } from '../metrics/wilson.js';
import type { AnnotatorAgreement } from './agreement.js';

/** What became of one pair; a win is one of the aligned response. */
export interface PairDecision {
  /** That of the pair. */
  readonly id: string;
  readonly criterion?: string | undefined;
  /** `identical`: the texts are the same, so nobody was asked. */
  readonly outcome: 'win' | 'loss' | 'tie' | 'failed' | 'identical';
  /** Whether the preference changed with the order; absent where only one order was asked. */
  readonly orderChanged?: boolean | undefined;
  /** Of `failed`: an error code, or `unanswered`. */
  readonly code?: string | undefined;
  /** Why, in the words of the judge; it may repeat the texts, so it is no text for logs. */
  readonly reason?: string | undefined;
}

/** How often the aligned response was preferred. */
export interface PairwiseCounts {
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** Pairs without a preference; not in the rate. */
  readonly failed: number;
  /** Pairs whose texts are the same; not in the rate. */
  readonly identical: number;
  /** Wins and half of the ties, as a share of both and the losses, in [0, 1]; absent without any. */
  readonly winRate?: number | undefined;
  /** Wilson's 95 % interval of `winRate`, in which pairs of one prompt count as one trial. */
  readonly interval?: Interval | undefined;
}

/** What a judge, or people, say of pairs of responses; plain JSON. */
export interface PairwiseResult extends PairwiseCounts {
  readonly schemaVersion: 1;
  /** Version of the judge; `sheet` for people. */
  readonly judge: string;
  readonly pairs: number;
  /** Failed pairs by error code; `unanswered` for those of a sheet that nobody answered. */
  readonly failures: Readonly<Record<string, number>>;
  /** Of the pairs that were asked in both orders, those whose preference changed with the order, and their share. */
  readonly positionBias: { readonly asked: number; readonly changed: number; readonly share?: number | undefined };
  /** The counts of each criterion that pairs name. */
  readonly criteria: Readonly<Record<string, PairwiseCounts>>;
  /** How far annotators agree; of a sheet only. */
  readonly agreement?: AnnotatorAgreement | undefined;
}

/** A decision, and the prompt of its pair. */
export interface PromptedDecision {
  readonly prompt?: string | undefined;
  readonly decision: PairDecision;
}

/** Counts decisions. */
export function summarizeDecisions(decisions: readonly PromptedDecision[], judge: string): PairwiseResult {
  const failures = countBy(decisions.flatMap(({ decision }) => (decision.outcome === 'failed' ? [decision.code ?? 'unknown'] : [])));
  const orders = decisions.flatMap(({ decision }) => (decision.orderChanged === undefined ? [] : [decision.orderChanged]));
  const changed = orders.filter(Boolean).length;
  const criteria = [...new Set(decisions.flatMap(({ decision }) => decision.criterion ?? []))].sort();
  return {
    schemaVersion: 1,
    judge,
    pairs: decisions.length,
    ...countOutcomes(decisions),
    failures: Object.fromEntries(failures),
    positionBias: { asked: orders.length, changed, ...(orders.length > 0 && { share: changed / orders.length }) },
    criteria: Object.fromEntries(criteria.map((id) => [id, countOutcomes(decisions.filter(({ decision }) => decision.criterion === id))])),
  };
}

function countOutcomes(decisions: readonly PromptedDecision[]): PairwiseCounts {
  const counts = countBy(decisions.map(({ decision }) => decision.outcome));
  const [wins, losses, ties] = [counts.get('win') ?? 0, counts.get('loss') ?? 0, counts.get('tie') ?? 0];
  const base = { wins, losses, ties, failed: counts.get('failed') ?? 0, identical: counts.get('identical') ?? 0 };
  const decided = decisions.filter(({ decision }) => decision.outcome !== 'failed' && decision.outcome !== 'identical');
  if (decided.length === 0) return base;
  const winRate = (wins + ties / 2) / decided.length;
  // A pair without a prompt stands for itself; the mark keeps its id apart from the prompts.
  const sizes = countBy(decided.map(({ prompt, decision }) => (prompt === undefined ? `id ${decision.id}` : `prompt ${prompt}`)));
  return { ...base, winRate, interval: wilsonInterval(winRate, effectiveTrials([...sizes.values()])) };
}

function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
