import { AlignSquadError, type Exchange, type Inspection } from '@align-squad/core';
import { withCallScope } from './call-scope.js';
import { createDrafts, type Draft, type Run } from './draft.js';
import { finishDraft } from './finish.js';
import { mapLimit } from './map-limit.js';
import { alignPaper } from './paper-order.js';
import type { ResolvedAlignOptions, ResolvedSquadOptions } from './resolve-options.js';
import type { AlignResult } from './result.js';
import { alignVerified } from './verified-order.js';
import { withPaperThreshold, withThresholds } from './verdicts.js';

/** Verdicts on the exchanges, in order, under one deadline. */
export async function inspectExchanges(
  squad: ResolvedSquadOptions,
  exchanges: readonly Exchange[],
  options: ResolvedAlignOptions,
): Promise<Inspection[]> {
  const drafts = await withRun(squad, options, (run) => createDrafts(run, exchanges));
  return drafts.map((draft) => draft.inspection);
}

/** Aligns one exchange. */
export async function alignExchange(
  squad: ResolvedSquadOptions,
  exchange: Exchange,
  options: ResolvedAlignOptions,
): Promise<AlignResult> {
  const [result] = await alignBatch(squad, [exchange], options);
  // one exchange in gives one result out
  if (!result) throw new AlignSquadError('Expected one result, got none.', { code: 'inspector-failed' });
  return result;
}

/** Aligns exchanges under one deadline: inspected together and, in the paper's order, ordered together. */
export async function alignBatch(
  squad: ResolvedSquadOptions,
  exchanges: readonly Exchange[],
  options: ResolvedAlignOptions,
): Promise<AlignResult[]> {
  return withRun(squad, options, async (run) => {
    const drafts = await createDrafts(run, exchanges);
    await (options.order === 'paper' ? alignPaper(run, drafts) : alignEach(run, drafts));
    return mapLimit(drafts, options.concurrency, (draft) => finishDraft(run, draft));
  });
}

async function alignEach(run: Run, drafts: readonly Draft[]): Promise<void> {
  await mapLimit(drafts, run.options.concurrency, async (draft) => {
    const startedMs = run.now();
    await alignVerified(run, draft);
    draft.timing = { ...draft.timing, totalMs: draft.timing.totalMs + run.now() - startedMs };
  });
}

function withRun<T>(
  squad: ResolvedSquadOptions,
  options: ResolvedAlignOptions,
  body: (run: Run) => Promise<T>,
): Promise<T> {
  const { inspectors, aligners, now } = squad;
  const { criteria, signal, deadlineMs } = options;
  const restate = options.order === 'paper' ? withPaperThreshold : withThresholds(options.thresholds);
  return withCallScope({ signal, deadlineMs, now }, (scope) =>
    body({ inspectors, aligners, now, criteria, restate, scope, options }),
  );
}
