import type { UnfixedPolicy } from '../options.js';
import type { AlignResult } from '../result.js';
import { alignerInContext } from './aligner-in-context.js';
import { inContext } from './in-context.js';
import type { StreamSetup } from './options.js';
import type { TextWindow } from './window-feed.js';

/** Milliseconds until the deadline of the stream, from 0 down when it has passed; undefined without one. */
export function millisecondsLeft({ deadlineMs, now, startedMs }: StreamSetup): number | undefined {
  return deadlineMs === undefined ? undefined : deadlineMs - (now() - startedMs);
}

/**
 * Aligns one window as the continuation of `before`, the text that passed before it. Rejects as `align` does.
 */
export async function alignWindow(setup: StreamSetup, { text, isLast }: TextWindow, before: string): Promise<AlignResult> {
  const { squadOptions, align, exchange, makeSquad, windowCriteria } = setup;
  const inspectors = squadOptions.inspectors.map((inspector) => inContext(inspector, { before, isLast }));
  const aligners = squadOptions.aligners.map((aligner) => alignerInContext(aligner, before));
  const squad = makeSquad({ ...squadOptions, inspectors, aligners });
  return squad.align(
    { ...exchange, response: text },
    { ...align, criteria: windowCriteria, deadlineMs: timeForCall(setup) },
  );
}

/**
 * Judges the whole answer on all criteria and, unless `closing` is `none`, rewrites it. What is released already can
 * not be taken back, so of the policies only `throw` has a say.
 */
export async function alignWhole(setup: StreamSetup, released: string): Promise<AlignResult> {
  const { squadOptions, align, exchange, makeSquad, criteria, closing } = setup;
  const squad = makeSquad(closing === 'none' ? { ...squadOptions, aligners: [] } : squadOptions);
  const { onUnfixed, onError = onUnfixed } = align;
  return squad.align(
    { ...exchange, response: released },
    {
      ...align,
      criteria,
      deadlineMs: timeForCall(setup),
      onUnfixed: throwOrKeep(onUnfixed),
      onError: throwOrKeep(onError),
    },
  );
}

/** `align` takes no deadline that has passed. */
function timeForCall(setup: StreamSetup): number | undefined {
  const left = millisecondsLeft(setup);
  return left === undefined ? undefined : Math.max(1, left);
}

function throwOrKeep(policy: UnfixedPolicy | undefined): UnfixedPolicy {
  return policy === 'throw' ? 'throw' : 'keep';
}
