import { AlignSquadError, createSentenceSplitter, type TextSpan } from '@align-squad/core';
import { withCallScope } from '../call-scope.js';
import type { SquadOptions } from '../options.js';
import type { AlignResult } from '../result.js';
import { isFailed } from '../verdicts.js';
import { streamInScope } from '../wrappers/stream-in-scope.js';
import { alignWhole, alignWindow, millisecondsLeft } from './align-text.js';
import type { CorrectionEvent, StreamEvent } from './events.js';
import { openTextSource, type TextSource } from './open-text-source.js';
import { resolveStreamOptions, type AlignStreamOptions, type MakeSquad, type StreamSetup } from './options.js';
import { createStreamRecord, lastPassed, toStreamResult, type StreamRecord } from './stream-record.js';
import { createWholeTextSplitter } from './whole-text-splitter.js';
import { createWindowFeed, type TextWindow, type WindowFeed } from './window-feed.js';

/** `alignStream` over any way to make a squad. */
export async function* alignStreamWith(
  makeSquad: MakeSquad,
  squadOptions: SquadOptions,
  { source, options }: { readonly source: TextSource; readonly options: AlignStreamOptions },
): AsyncGenerator<StreamEvent, void, undefined> {
  const setup = resolveStreamOptions(makeSquad, squadOptions, options);
  const { maxHoldCharacters, maxHoldMs, mode, now } = setup;
  const { signal } = options;
  const splitter =
    mode === 'whole' ? createWholeTextSplitter() : createSentenceSplitter({ maxLength: maxHoldCharacters });
  const reader = openTextSource(source);
  const feed = createWindowFeed({ reader, splitter, maxHoldCharacters, maxHoldMs, signal });
  try {
    yield* streamInScope<StreamEvent>({ signal, deadlineMs: undefined, now }, () => streamEvents(setup, feed));
  } finally {
    feed.close();
  }
}

async function* streamEvents(setup: StreamSetup, feed: WindowFeed): AsyncGenerator<StreamEvent> {
  const record = createStreamRecord();
  yield* releaseWindows(setup, feed, record);
  if (record.stop?.outcome === 'error') yield { type: 'error', error: record.stop.error };
  if (!record.stop) yield* judgeWhole(setup, record);
  const totals = { original: feed.original(), totalMs: setup.now() - setup.startedMs };
  yield { type: 'end', result: toStreamResult(record, totals), released: record.released };
}

async function* releaseWindows(setup: StreamSetup, feed: WindowFeed, record: StreamRecord): AsyncGenerator<StreamEvent> {
  for (let start = 0, end = 0; ; start = end) {
    const window = await takeWindow(setup, feed, record);
    if (window === undefined) return;
    const { text } = window;
    end = start + text.length;
    if (setup.mode === 'sentence' && text.trim() === '') {
      record.passed.push(text);
      yield* release(record, text);
      continue;
    }
    const startedMs = setup.now();
    const result = await alignWindow(setup, window, lastPassed(record.passed, setup.contextCharacters));
    record.results.push(result);
    if (hasPassed(result)) record.passed.push(result.response);
    const { outcome, originalInspections: inspection } = result;
    yield { type: 'verdict', window: { start, end }, outcome, inspection, milliseconds: setup.now() - startedMs };
    if (result.changed) yield toCorrection(result, { start, end });
    yield* release(record, result.response);
  }
}

/** The next window; undefined when there is none or the record says why the stream stops. */
async function takeWindow(setup: StreamSetup, feed: WindowFeed, record: StreamRecord): Promise<TextWindow | undefined> {
  const deadlineMs = millisecondsLeft(setup);
  if (deadlineMs !== undefined && deadlineMs <= 0) return stopAtDeadline(setup, record);
  return withCallScope({ signal: undefined, deadlineMs, now: setup.now }, async (scope) => {
    try {
      return await scope.race(() => feed.next());
    } catch (error) {
      if (scope.expired()) return stopAtDeadline(setup, record);
      if (!AlignSquadError.isInstance(error) || error.code !== 'source-failed') throw error;
      record.stop = { outcome: 'error', error: { code: error.code, message: error.message } };
      return undefined;
    }
  });
}

function stopAtDeadline({ deadlineMs }: StreamSetup, record: StreamRecord): undefined {
  const message = `The deadline of ${deadlineMs} ms has passed.`;
  record.stop = { outcome: 'timeout', error: { code: 'deadline-exceeded', message } };
}

async function* judgeWhole(setup: StreamSetup, record: StreamRecord): AsyncGenerator<StreamEvent> {
  const { results, released } = record;
  const isJudged = results.length === 1 && setup.windowCriteria.length === setup.criteria.length;
  const isWithheld = results.length > 0 && released.trim() === '';
  if (isJudged || isWithheld) return;
  const whole = await alignWhole(setup, released);
  record.whole = whole;
  if (whole.outcome !== 'aligned') return;
  yield toCorrection(whole, undefined);
  if (setup.closing === 'append') yield* release(record, `\n\n${whole.response}`);
}

async function* release(record: StreamRecord, text: string): AsyncGenerator<StreamEvent> {
  if (text === '') return;
  record.released += text;
  yield { type: 'text', text };
}

function hasPassed({ outcome, replacedBy }: AlignResult): boolean {
  return outcome === 'clean' || outcome === 'aligned' || replacedBy === 'fallback';
}

function toCorrection(result: AlignResult, window: TextSpan | undefined): CorrectionEvent {
  const criteria = Object.entries(result.originalInspections)
    .filter(([, verdict]) => verdict.status === 'flag' || isFailed(verdict))
    .map(([criterion]) => criterion);
  const steps = result.steps.map(({ diff: _diff, ...step }) => step);
  return { type: 'correction', window, criteria, response: result.response, steps };
}
