import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Triple } from '../records/records.js';

/** One step of a selection by preference. */
export interface PreferenceStep {
  /** Name in the report. */
  readonly name: string;
  /** How much a record is preferred, higher is better: an inspector, a reward model, a rule. What is no finite number drops the record. */
  readonly score: (record: Triple) => number | Promise<number>;
  /** Share of the records that came to this step which goes on, in (0, 1]. */
  readonly share: number;
}

/** What one step did. */
export interface PreferenceReport {
  readonly name: string;
  readonly kept: number;
  readonly dropped: number;
  /** Records without a finite score, which are dropped too. */
  readonly unscored: number;
  /** Score of the last record that was kept; undefined when there is none. */
  readonly least: number | undefined;
}

/** Options of `selectTopShare`. */
export interface SelectionOptions {
  /** Applied one after the other, such as first by the prompt and then by the response. */
  readonly steps: readonly PreferenceStep[];
  readonly signal?: AbortSignal | undefined;
}

const stepsSchema: z.ZodType<readonly PreferenceStep[]> = z
  .array(z.strictObject({ name: z.string().min(1), score: z.custom<PreferenceStep['score']>((value) => typeof value === 'function'), share: z.number().gt(0).max(1) }))
  .min(1);

/**
 * The records that are preferred most, step by step, in their order (Align2LLaVA, 2409.18541, Human Preference Alignment,
 * where reward models choose questions and then answers). Of equal scores the earlier record goes on.
 * @throws AlignSquadError `invalid-options` naming the faulty fields; what a scorer throws; the signal's reason.
 */
export async function selectTopShare(
  records: readonly Triple[],
  { steps, signal }: SelectionOptions,
): Promise<{ readonly records: readonly Triple[]; readonly report: readonly PreferenceReport[] }> {
  const report: PreferenceReport[] = [];
  let left = records;
  for (const step of parseWith(stepsSchema, steps, { what: '`steps` of a selection', code: 'invalid-options' })) {
    const chosen = await selectStep(left, step, signal);
    report.push(chosen.report);
    left = chosen.records;
  }
  return { records: left, report };
}

async function selectStep(
  records: readonly Triple[],
  { name, score, share }: PreferenceStep,
  signal: AbortSignal | undefined,
): Promise<{ readonly records: readonly Triple[]; readonly report: PreferenceReport }> {
  const scored: { readonly at: number; readonly value: number }[] = [];
  for (const [at, record] of records.entries()) {
    signal?.throwIfAborted();
    const value = await score(record);
    if (Number.isFinite(value)) scored.push({ at, value });
  }
  const best = scored.sort((a, b) => b.value - a.value || a.at - b.at).slice(0, Math.ceil(share * records.length));
  const kept = new Set(best.map(({ at }) => at));
  return {
    records: records.filter((_, at) => kept.has(at)),
    report: { name, kept: kept.size, dropped: scored.length - kept.size, unscored: records.length - scored.length, least: best.at(-1)?.value },
  };
}
