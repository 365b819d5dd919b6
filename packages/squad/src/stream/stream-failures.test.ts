import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Inspector, Verdict } from '@align-squad/core';
import type { SquadOptions } from '../options.js';
import { fakeAligner, fakeInspector, never } from '../test-support.js';
import { alignStream } from './align-stream.js';
import type { StreamEvent } from './events.js';
import type { AlignStreamOptions } from './options.js';
import { calming, collect, inspectorOf, judgeWorst, sourceOf, textOf, type Collected, type TestSource } from './test-support.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const sound: SquadOptions = { inspectors: [inspectorOf('a')], aligners: [calming('a')] };
const inspecting = (before: (text: string) => Promise<void> | void): SquadOptions => ({
  ...sound,
  inspectors: [fakeInspector({ criteria: ['a'], judge: judgeWorst, before: ([exchange]) => before(exchange?.response ?? '') })],
});
const rewriting = (rewrite: () => Promise<string | undefined> | string | undefined): SquadOptions => ({ ...sound, aligners: [fakeAligner(['a'], rewrite)] });
// a cast, because the contract forbids what is tested
const answering = (answer: unknown): SquadOptions => ({ ...sound, inspectors: [{ ...inspectorOf('a'), inspect: async () => answer } as unknown as Inspector] });
const hangs = (text: string): Promise<void> | void => (text.includes('Two') ? never() : undefined);
const fails = (text: string): void => {
  if (text.includes('Two')) throw new TypeError('secret');
};
const pieces = ['One a1. T', 'wo a8. Th', 'ree a2. Fo', 'ur a1.'];
/** A signal that counts its listeners. */
function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  let count = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  const known = new Set<unknown>();
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    known.add(args[1]);
    count = known.size;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    known.delete(args[1]);
    count = known.size;
    remove(...args);
  };
  return { controller, listeners: () => count };
}

async function run(squad: SquadOptions, source: TestSource, options: AlignStreamOptions = {}): Promise<Collected> {
  const collected = collect(alignStream(squad, source, options));
  await vi.advanceTimersByTimeAsync(60_000);
  return collected;
}

describe('a backend that fails', () => {
  const verdict = (change: Partial<Verdict>): unknown => [{ a: { status: 'pass', misalignment: 0.1, threshold: 0.5, ...change } }];
  test.each<[string, SquadOptions, string, string]>([
    ['an inspector that throws', inspecting(fails), 'One a1. Three a2. Four a1.', 'error'],
    ['an inspector that hangs, with a deadline', inspecting(hangs), 'One a1. ', 'timeout'],
    ['an inspector that gives NaN', answering(verdict({ misalignment: Number.NaN })), '', 'error'],
    ['an inspector that gives garbage', answering('fine'), '', 'error'],
    ['an inspector that gives nothing', answering(undefined), '', 'error'],
    ['an inspector that gives holes', answering([undefined]), '', 'error'],
    ['an inspector that gives null', answering([{ a: null }]), '', 'error'],
    ['an inspector that gives too many', answering([{}, {}]), '', 'error'],
    ['spans that are none', answering(verdict({ status: 'flag', misalignment: 0.9, spans: [null] as never })), '', 'error'],
    ['an aligner that throws', rewriting(() => Promise.reject(new TypeError('secret'))), 'One a1. Three a2. Four a1.', 'error'],
    ['an aligner that hangs, with a deadline', rewriting(never), 'One a1. ', 'timeout'],
    ['an aligner without a rewrite', rewriting(() => undefined), 'One a1. Three a2. Four a1.', 'blocked'],
    ['an aligner that makes it no better', rewriting(() => 'Two a9. '), 'One a1. Three a2. Four a1.', 'blocked'],
  ])('%s releases nothing of the window', async (_, squad, released, outcome) => {
    const { events, error } = await run(squad, sourceOf(pieces), { deadlineMs: 1000 });
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe(released);
    expect(events.at(-1)).toMatchObject({ released, result: { outcome, response: released } });
    expect(JSON.stringify(events)).not.toContain('secret');
  });

  test('goes by onError, where that says otherwise', async () => {
    const { events } = await run(inspecting(fails), sourceOf(pieces), { onError: { block: '- ' } });
    expect(textOf(events)).toBe('One a1. - Three a2. Four a1.');
  });

  test('on the whole answer makes the stream an error', async () => {
    const { events } = await run(inspecting((text) => { if (text.endsWith('Four a1.') && text.startsWith('One')) throw new TypeError('x'); }), sourceOf(pieces), { contextCharacters: 0 });
    expect(textOf(events)).toBe('One a1. Two a1. Three a2. Four a1.');
    expect(events.at(-1)).toMatchObject({ result: { outcome: 'error', error: { code: 'inspector-failed' } } });
  });
});

describe('a source', () => {
  test('that throws loses what is held of a sentence, after the whole ones', async () => {
    const source = sourceOf(pieces.slice(0, 3), () => Promise.reject(new TypeError('secret')));
    const { events, error } = await run(sound, source);
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe('One a1. Two a1. Three a2. ');
    expect(events.slice(-2).map((event) => event.type)).toEqual(['error', 'end']);
    expect(events.at(-1)).toMatchObject({ result: { outcome: 'error', original: pieces.slice(0, 3).join('') } });
  });

  test('that hangs is let go at the deadline', async () => {
    const source = sourceOf(pieces.slice(0, 3), never);
    const { events } = await run(sound, source, { deadlineMs: 3000 });
    expect(textOf(events)).toBe('One a1. Two a1. Three a2. ');
    expect(events.at(-1)).toMatchObject({ result: { outcome: 'timeout', error: { code: 'deadline-exceeded', message: 'The deadline of 3000 ms has passed.' } } });
    expect(source.state.closed).toBe(true);
  });

  test('that pauses within a sentence for maxHoldMs has it released up to its last white space', async () => {
    const stream = alignStream(sound, sourceOf(['One a1. Two and th'], never), { maxHoldMs: 700 });
    const events: StreamEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) {
        events.push(event);
        if (textOf(events) === 'One a1. Two and ') break;
      }
    })();
    await vi.advanceTimersByTimeAsync(699);
    expect(textOf(events)).toBe('One a1. ');
    await vi.advanceTimersByTimeAsync(1);
    await reading;
    expect(textOf(events)).toBe('One a1. Two and ');
  });

  test('that does not ever give anything is let go by an abort', async () => {
    const { controller, listeners } = countedSignal();
    const source = sourceOf([], never);
    const collected = collect(alignStream(sound, source, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(1000);
    controller.abort('stop');
    expect(await collected).toEqual({ events: [], error: 'stop' });
    expect(source.state.closed).toBe(true);
    expect(listeners()).toBe(0);
  });

  test('whose return fails disturbs nobody', async () => {
    const source: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 'One a1. Two. ' }),
        return: () => Promise.reject(new TypeError('x')),
      }),
    };
    for await (const event of alignStream(sound, source)) if (event.type === 'text') break;
  });

  test('is read no further ahead than maxHoldCharacters and a piece', async () => {
    const source = sourceOf(Array.from({ length: 100 }, () => 'One a1. '));
    const stream = alignStream(sound, source, { maxHoldCharacters: 80 });
    for (let taken = 0; taken < 3; ) {
      const { value } = await stream.next();
      await vi.advanceTimersByTimeAsync(10);
      if (value?.type === 'text') taken += value.text.length;
    }
    expect(source.state.read).toBeGreaterThanOrEqual(80);
    expect(source.state.read).toBeLessThanOrEqual(3 * 8 + 80 + 8);
    await stream.return();
    expect(source.state.closed).toBe(true);
  });
});

describe('an abort', () => {
  const slowly = (): SquadOptions => ({
    inspectors: [fakeInspector({ criteria: ['a'], judge: judgeWorst, before: () => new Promise((resolve) => setTimeout(resolve, 100)) })],
    aligners: [fakeAligner(['a'], async ({ exchange }, signal) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      signal?.throwIfAborted();
      return exchange.response.replace('a8', 'a1');
    })],
  });

  test.each([50, 150, 250, 350, 450, 700, 1050, 1150])('after %s ms rejects with its reason and frees everything', async (milliseconds) => {
    const { controller, listeners } = countedSignal();
    const source = sourceOf(pieces, () => new Promise((resolve) => setTimeout(resolve, 1000)));
    const collected = collect(alignStream(slowly(), source, { signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(milliseconds);
    const reason = { why: 'the user left' };
    controller.abort(reason);
    const { events, error } = await collected;
    expect(error).toBe(reason);
    expect('One a1. Two a1. Three a2. Four a1.'.startsWith(textOf(events))).toBe(true);
    expect(events.every((event) => event.type !== 'end')).toBe(true);
    // the doubles' own timers
    await vi.advanceTimersByTimeAsync(1000);
    expect(source.state.closed).toBe(milliseconds < 1000);
    expect(listeners()).toBe(0);
  });

  test('while nobody reads lets the source go, and the next read rejects', async () => {
    const { controller, listeners } = countedSignal();
    const source = sourceOf(['One a1. Two'], never);
    const stream = alignStream(sound, source, { signal: controller.signal });
    expect((await stream.next()).value).toMatchObject({ type: 'verdict' });
    controller.abort('stop');
    expect(source.state.closed).toBe(true);
    await expect(stream.next()).rejects.toBe('stop');
    expect(listeners()).toBe(0);
  });

  test('before the start reads nothing', async () => {
    const source = sourceOf(pieces);
    expect(await collect(alignStream(sound, source, { signal: AbortSignal.abort('stop') }))).toEqual({ events: [], error: 'stop' });
    expect(source.state).toEqual({ read: 0, closed: true });
  });
});

test.each([1, 2, 3, 4, 5])('a reader that leaves after %s events frees everything', async (count) => {
  const { controller, listeners } = countedSignal();
  const source = sourceOf(pieces, never);
  let seen = 0;
  for await (const _ of alignStream(sound, source, { signal: controller.signal, deadlineMs: 9000 })) if (++seen === count) break;
  expect(source.state.closed).toBe(true);
  expect(listeners()).toBe(0);
});

test('a ReadableStream is cancelled while a read is pending', async () => {
  let cancelled = false;
  const source = new ReadableStream<string>({
    start: (controller) => controller.enqueue('One a1. Two'),
    cancel: () => void (cancelled = true),
  });
  for await (const event of alignStream(sound, source)) if (event.type === 'text') break;
  await Promise.resolve();
  expect(cancelled).toBe(true);
});
