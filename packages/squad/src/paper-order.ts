import type { Inspection } from '@align-squad/core';
import { askAligner, toStep } from './ask-aligner.js';
import { noteTimeout, scoreTexts, type Draft, type Run } from './draft.js';
import { mapLimit } from './map-limit.js';
import { hasFailed, passes } from './verdicts.js';

/** Exchanges that the paper's algorithm orders together. */
export const paperBatchSize = 64;

/**
 * The paper's squad (section 3.3) on one batch: the criteria are ordered once, by ascending batch mean of P(aligned);
 * then each one's aligner rewrites every text whose present P(aligned) is below 0.5, and what it gives is taken.
 */
export async function alignPaper(run: Run, batch: readonly Draft[]): Promise<void> {
  const { failOpen } = run.options;
  const drafts = batch.filter((draft) => !hasFailed(draft.inspection, failOpen));
  for (const criterion of paperOrder(drafts.map((draft) => draft.inspection))) {
    if (run.scope.expired()) {
      for (const draft of drafts) if (!passes(draft.inspection, failOpen)) noteTimeout(run, draft);
      break;
    }
    await alignCriterion(run, criterion, drafts);
  }
  for (const draft of batch) {
    draft.timing = { ...draft.timing, totalMs: draft.timing.inspectMs + draft.timing.alignMs };
  }
}

/** Criteria by ascending mean P(aligned) over the inspections that judged them; ties keep their order. */
export function paperOrder(inspections: readonly Inspection[]): string[] {
  const totals = new Map<string, { sum: number; count: number }>();
  for (const [criterion, verdict] of inspections.flatMap((inspection) => Object.entries(inspection))) {
    if (verdict.status === 'unknown') continue;
    const total = totals.get(criterion) ?? { sum: 0, count: 0 };
    totals.set(criterion, { sum: total.sum + (1 - verdict.misalignment), count: total.count + 1 });
  }
  return [...totals]
    .map(([criterion, { sum, count }]) => ({ criterion, mean: sum / count }))
    .sort((a, b) => a.mean - b.mean)
    .map(({ criterion }) => criterion);
}

async function alignCriterion(run: Run, criterion: string, drafts: readonly Draft[]): Promise<void> {
  const aligner = run.aligners.find(({ criteria }) => criteria.includes(criterion));
  if (!aligner) return;
  const due = drafts.filter((draft) => draft.inspection[criterion]?.status === 'flag');
  const attempt = { criterion, aligner, candidate: 0 };
  const rewrites = await mapLimit(due, run.options.concurrency, async (draft) => {
    const asked = await askAligner(run, draft, attempt);
    draft.timing = { ...draft.timing, alignMs: draft.timing.alignMs + asked.milliseconds };
    return { draft, asked };
  });
  const jobs = rewrites.flatMap(({ draft, asked }) =>
    'rewrite' in asked ? [{ draft, asked, response: asked.rewrite }] : [],
  );
  const startedMs = run.now();
  const inspections = await scoreTexts(run, jobs);
  const milliseconds = run.now() - startedMs;
  for (const { draft, asked } of rewrites) if ('rejection' in asked) draft.steps.push(toStep(draft, asked));
  for (const [index, { draft, asked, response }] of jobs.entries()) {
    const after = inspections[index] ?? {};
    const failed = hasFailed(after, run.options.failOpen) ? (draft.timeout ? 'timeout' : 'inspector-failed') : undefined;
    draft.steps.push(toStep(draft, asked, { after, rejection: failed, milliseconds }));
    if (failed) continue;
    draft.response = response;
    draft.inspection = after;
  }
}
