import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../records/records.js';
import { defaultJudgements, isReplacement, type ClearJudgement, type JudgementOrder } from './clear-judge.js';
import { groupBy } from './group-by.js';

/** Options of `clearCorrect`. */
export interface ClearCorrectOptions {
  /** Judgements that were asked for in each order; those without a readable answer count as undecided. @default 3 */
  readonly judgements?: number | undefined;
  /** Least lead of a candidate in each order, in (0, 1]: its wins less its losses as a share of the judgements. @default 0.5 */
  readonly margin?: number | undefined;
}

/** What `clearCorrect` did. */
export interface ClearCorrectReport {
  readonly replaced: number;
  /** Records with candidates none of which is confidently better. */
  readonly kept: number;
  /** Records without a judgement. */
  readonly unjudged: number;
}

const optionsSchema: z.ZodType<ClearCorrectOptions> = z.strictObject({ judgements: z.int().min(1).optional(), margin: z.number().gt(0).max(1).optional() });

/**
 * Replaces the correction of a record by the candidate with the largest lead, if its lead is at least `margin` in both orders, so
 * that a judge who prefers a place changes nothing (CLEAR, 2403.12776, Auto-Correct). All else stays.
 * @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function clearCorrect(
  records: readonly Triple[],
  { comparisons, ...options }: ClearCorrectOptions & { readonly comparisons: readonly ClearJudgement[] },
): { readonly records: readonly Triple[]; readonly report: ClearCorrectReport } {
  const { judgements = defaultJudgements, margin = 0.5 } = parseWith(optionsSchema, options, { what: 'options of the CLEAR correction', code: 'invalid-options' });
  const comparisonsOf = groupBy(comparisons, ({ recordId }) => recordId);
  const report = { replaced: 0, kept: 0, unjudged: 0 };
  const corrected = records.map((record) => {
    const leads = leadsOf(comparisonsOf.get(record.id) ?? [], judgements).filter(({ candidate }) => isReplacement(record, candidate));
    const [best] = leads.sort((a, b) => b.lead - a.lead);
    if (!best) report.unjudged += 1;
    else if (best.lead < margin) report.kept += 1;
    else {
      report.replaced += 1;
      return { ...record, aligned: best.candidate };
    }
    return record;
  });
  return { records: corrected, report };
}

/** Each candidate's lead in the order that is worse for it, in [-1, 1]. */
function leadsOf(comparisons: readonly ClearJudgement[], judgements: number): { readonly candidate: string; readonly lead: number }[] {
  return [...groupBy(comparisons, ({ candidate }) => candidate)].map(([candidate, all]) => {
    const leadIn = (wanted: JudgementOrder): number => {
      const preferences = all.filter(({ order }) => order === wanted).map(({ preference }) => preference as number);
      return preferences.reduce((sum, preference) => sum + preference, 0) / Math.max(judgements, preferences.length);
    };
    return { candidate, lead: Math.min(leadIn('recorded-first'), leadIn('candidate-first')) };
  });
}
