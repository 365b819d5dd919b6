import type { Aligner, AlignEvent, Exchange, Inspection, InspectOptions, Inspector } from '@align-squad/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSquad, type Squad } from './create-squad.js';
import type { AlignOptions } from './options.js';
import type { Outcome } from './result.js';
import { collectStream } from './stream/collect-stream.js';
import { collect, judgeByText, never, toVerdict } from './test-support.js';

/** What is put to the test: one exchange in, what comes out of it. */
interface Subject {
  readonly name: string;
  readonly run: (
    squad: Squad,
    response: string,
    options: AlignOptions,
  ) => Promise<{ readonly outcome: Outcome; readonly response: string } | undefined>;
}

const subjects: readonly Subject[] = [
  { name: 'align', run: (squad, response, options) => squad.align(response, options) },
  {
    name: 'alignMany',
    run: async (squad, response, options) => (await collect(squad.alignMany([response], options)))[0],
  },
  ...(['sentence', 'whole'] as const).map(
    (mode): Subject => ({
      name: `alignStream, mode ${mode}`,
      run: async (squad, response, options) => {
        const source = new ReadableStream<string>({
          start(controller) {
            controller.enqueue(response);
            controller.close();
          },
        });
        // What `align` keeps by default, a stream withholds.
        const { result, released } = await collectStream(squad.alignStream(source, { onUnfixed: 'keep', ...options, mode, maxHoldCharacters: 2 ** 26 }));
        expect(result.response).toBe(released);
        return result;
      },
    }),
  ),
];

const original = 'a9';
const rewrite = 'a1';
const withheld = 'Withheld.';
const huge = 'x'.repeat(10_000_000);
/** For what hangs; the rest has time enough on any machine. */
const shortMs = 15;
const longMs = 60_000;
const reason = { why: 'closed' };

const scored = (a: unknown): unknown => [{ a }];
const fail = (): never => {
  throw new TypeError('secret');
};

/** What `inspect` does instead of judging; `abort` is the caller's. */
type InspectorFault = (abort: () => void) => unknown;

const inspectorFaults: readonly [string, InspectorFault][] = [
  ['throws at once', fail],
  ['rejects', () => Promise.reject(new TypeError('secret'))],
  ['rejects with undefined', () => Promise.reject()],
  ['rejects after the deadline', () => new Promise((_resolve, reject) => setTimeout(reject, 3 * shortMs, 'late'))],
  ['hangs', () => never()],
  ['gives undefined, and no promise', () => undefined],
  ['gives null', async () => null],
  ['gives a string', async () => 'pass'],
  ['gives an object', async () => ({ length: 1 })],
  ['gives no inspection', async () => []],
  ['gives one too many', async () => [{ a: toVerdict(0) }, { a: toVerdict(0) }]],
  ['gives null as an inspection', async () => [null]],
  ['gives an inspection without verdicts', async () => [{}]],
  ['gives a number as a verdict', async () => scored(0)],
  ['scores NaN', async () => scored({ status: 'pass', misalignment: Number.NaN, threshold: 0.5 })],
  ['scores in text', async () => scored({ status: 'pass', misalignment: '0', threshold: 0.5 })],
  ['scores above 1', async () => scored({ status: 'pass', misalignment: 1.5, threshold: 0.5 })],
  ['has NaN as its threshold', async () => scored({ status: 'pass', misalignment: 0, threshold: Number.NaN })],
  ['has 10 MB of text as its status', async () => scored({ status: huge, misalignment: 0, threshold: 0.5 })],
  ['aborts meanwhile', (abort) => (abort(), never())],
  ['aborts and throws', (abort) => (abort(), fail())],
];

/** What `align` does; its events are whatever it likes. */
type AlignerFault = (abort: () => void) => unknown;

async function* events(...list: unknown[]): AsyncGenerator<unknown> {
  yield* list;
}
const text = (value: unknown): unknown => ({ type: 'text', text: value });
const end: AlignEvent = { type: 'end', outcome: 'rewritten' };

async function* endless(): AsyncGenerator<unknown> {
  for (;;) yield text('x');
}

async function* breaking(): AsyncGenerator<unknown> {
  yield text(rewrite);
  fail();
}

const alignerFaults: readonly [string, AlignerFault, Outcome | 'rejects', string?][] = [
  ['throws at once', fail, 'error'],
  ['gives undefined', () => undefined, 'error'],
  ['gives a string', () => rewrite, 'error'],
  ['gives a promise', () => Promise.reject(new TypeError('secret')).catch(() => undefined), 'error'],
  ['breaks in the middle of its text', breaking, 'error'],
  ['rejects', () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new TypeError('secret')) }) }), 'error'],
  ['hangs', () => ({ [Symbol.asyncIterator]: () => ({ next: () => never() }) }), 'timeout'],
  ['never ends and never waits', endless, 'timeout'],
  ['gives undefined as an event', () => events(undefined), 'error'],
  ['gives a number as an event', () => events(5), 'error'],
  ['gives an event that nobody knows', () => events({ type: 'start' }, text(rewrite), end), 'error'],
  ['gives undefined as text', () => events(text(undefined), end), 'error'],
  ['gives NaN as text', () => events(text(Number.NaN), end), 'error'],
  ['gives no event', () => events(), 'unfixed'],
  ['gives text without an end', () => events(text(rewrite)), 'unfixed'],
  ['ends without text', () => events(end), 'unfixed'],
  ['ends with an outcome that nobody knows', () => events(text(rewrite), { type: 'end', outcome: 'done' }), 'error'],
  ['ends twice', () => events(text(rewrite), end, text(' and more'), end), 'aligned', rewrite],
  ['gives 10 MB of text', () => events(text(huge), end), 'aligned', huge],
  ['aborts meanwhile', (abort) => (abort(), { [Symbol.asyncIterator]: () => ({ next: () => never() }) }), 'rejects'],
  ['aborts and throws', (abort) => (abort(), fail()), 'rejects'],
];

/** An inspector of `a` that has the fault on one text. */
function faultyInspector(on: string, fault: () => unknown): Inspector {
  const judge = (exchanges: readonly Exchange[]): Inspection[] =>
    exchanges.map((exchange) => ({ a: toVerdict(judgeByText(exchange, 'a')) }));
  return {
    contract: 'inspector/1',
    version: 'faulty',
    criteria: ['a'],
    abilities: { maxBatchSize: 1, deterministic: true },
    // a cast, because the types forbid what a broken inspector does
    inspect: ((exchanges: readonly Exchange[], _options?: InspectOptions) =>
      exchanges[0]?.response === on ? fault() : Promise.resolve(judge(exchanges))) as Inspector['inspect'],
  };
}

function alignerOf(align: () => unknown): Aligner {
  return {
    contract: 'aligner/1',
    version: 'faulty',
    criteria: ['a'],
    abilities: { maxCandidates: 1, deterministic: true },
    // a cast, because the types forbid what a broken aligner does
    align: align as Aligner['align'],
  };
}

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);
beforeEach(() => void process.on('unhandledRejection', onUnhandled));
afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

const countTimers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** Waits for timers of the fault or of the test runner, which are short; one left over from the deadline is not. */
async function settleTimers(most: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < 200 && countTimers() > most; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Runs a subject and holds that it leaves no timer, no listener and no rejection behind. */
async function runCleanly(
  subject: Subject,
  make: (abort: () => void) => Squad,
  options: AlignOptions,
): ReturnType<Subject['run']> {
  const controller = new AbortController();
  const added = vi.spyOn(controller.signal, 'addEventListener');
  const removed = vi.spyOn(controller.signal, 'removeEventListener');
  const squad = make(() => controller.abort(reason));
  const timers = countTimers();
  try {
    return await subject.run(squad, original, { signal: controller.signal, ...options });
  } finally {
    await settleTimers(timers);
    expect(countTimers()).toBeLessThanOrEqual(timers);
    expect(added).toHaveBeenCalled();
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length);
  }
}

/** Under the policies `keep` and `block`: the outcome, and a text that was never shown to pass is withheld. */
async function expectOutcome(
  subject: Subject,
  make: (abort: () => void) => Squad,
  { outcome, response }: { readonly outcome: Outcome | 'rejects'; readonly response: string },
): Promise<void> {
  const deadlineMs = outcome === 'timeout' ? shortMs : longMs;
  if (outcome === 'rejects') return expect(runCleanly(subject, make, { deadlineMs })).rejects.toBe(reason);
  const kept = await runCleanly(subject, make, { deadlineMs, onUnfixed: 'keep' });
  expect(kept?.outcome).toBe(outcome);
  // not toBe on the text itself, which would print 10 MB
  expect(kept?.response === response).toBe(true);
  if (outcome === 'aligned') return;
  const blocked = await runCleanly(subject, make, { deadlineMs, onUnfixed: { block: withheld } });
  expect(blocked).toMatchObject({ outcome: outcome === 'unfixed' ? 'blocked' : outcome, response: withheld });
}

describe.each(subjects)('$name', (subject) => {
  describe.each([
    ['of the response', original],
    ['of a rewrite', rewrite],
  ])('when the inspection %s', (_stage, on) => {
    test.each(inspectorFaults)('%s', async (name, fault) => {
      const isLate = name === 'hangs' || name.endsWith('after the deadline');
      const outcome = name.startsWith('aborts') ? 'rejects' : isLate ? 'timeout' : 'error';
      const make = (abort: () => void): Squad =>
        createSquad({
          inspectors: [faultyInspector(on, () => fault(abort))],
          aligners: [alignerOf(() => events(text(rewrite), end))],
        });
      await expectOutcome(subject, make, { outcome, response: original });
    });
  });

  describe('when the aligner', () => {
    test.each(alignerFaults)('%s', async (_name, fault, outcome, response = original) => {
      const make = (abort: () => void): Squad =>
        createSquad({
          inspectors: [faultyInspector('nothing', fail)],
          aligners: [alignerOf(() => fault(abort))],
        });
      await expectOutcome(subject, make, { outcome, response });
    });
  });

  test('without a fault the rewrite is taken', async () => {
    const make = (): Squad =>
      createSquad({ inspectors: [faultyInspector('nothing', fail)], aligners: [alignerOf(() => events(text(rewrite), end))] });
    await expectOutcome(subject, make, { outcome: 'aligned', response: rewrite });
  });
});
