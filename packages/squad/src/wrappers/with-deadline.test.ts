import { getEventListeners } from 'node:events';
import { collectCompletion, collectCorrection, type Aligner, type AlignEvent, type AlignRequest } from '@align-squad/core';
import {
  alignerConformance,
  functionAligner,
  functionInspector,
  inspectorConformance,
  scriptedAligner,
  scriptedGenerator,
  scriptedInspector,
} from '@align-squad/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { never } from '../test-support.js';
import { withDeadline } from './with-deadline.js';

afterEach(() => vi.useRealTimers());

const exchanges = [{ response: 'One.' }, { prompt: 'Hi', response: 'Two, two.' }];
const request: AlignRequest = { exchange: { response: 'bad' }, criterion: 'ethical' };
const limit = { timeoutMs: 50 };
const late = { code: 'deadline-exceeded' };

function alignerOf(align: Aligner['align']): Aligner {
  return { ...functionAligner(() => ''), align };
}

describe('an inspector with a deadline', () => {
  const create = (): ReturnType<typeof functionInspector> =>
    withDeadline(functionInspector(({ response }) => (response.length % 10) / 10), { timeoutMs: 60_000 });
  for (const { name, run } of inspectorConformance({ create, exchanges })) test(name, run);
});

describe('an aligner with a deadline', () => {
  const create = (): Aligner =>
    withDeadline(functionAligner(({ exchange }) => exchange.response.replaceAll('bad', 'good')), { timeoutMs: 60_000 });
  for (const { name, run } of alignerConformance({ create, requests: [request] })) test(name, run);
});

test.each(['until-abort', 'forever'] as const)('an inspection that hangs %s rejects at the deadline', async (hang) => {
  vi.useFakeTimers();
  const inspector = withDeadline(scriptedInspector([{ hang }]), limit);
  const { signal } = new AbortController();
  const settled = expect(inspector.inspect(exchanges, { signal })).rejects.toMatchObject(late);
  await vi.advanceTimersByTimeAsync(50);
  await settled;
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test.each<[string, AlignEvent[], 'until-abort' | 'forever']>([
  ['before its first text', [], 'until-abort'],
  ['before its first text, for ever', [], 'forever'],
  ['in the middle', [{ type: 'text', text: 'go' }], 'until-abort'],
  ['in the middle, for ever', [{ type: 'text', text: 'go' }], 'forever'],
])('a rewrite that hangs %s rejects at the deadline', async (_name, events, hang) => {
  vi.useFakeTimers();
  const after = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
  const aligner = withDeadline(scriptedAligner([{ hang, after }]), limit);
  const { signal } = new AbortController();
  const settled = expect(collectCorrection(aligner, request, { signal })).rejects.toMatchObject(late);
  await vi.advanceTimersByTimeAsync(50);
  await settled;
  expect(vi.getTimerCount()).toBe(0);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('the limit counts over the whole stream, not from event to event', async () => {
  vi.useFakeTimers();
  const slow = alignerOf(async function* () {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield { type: 'text', text: 'a' };
    }
  });
  let texts = 0;
  const reading = (async () => {
    for await (const _ of withDeadline(slow, limit).align(request)) texts += 1;
  })();
  const settled = expect(reading).rejects.toMatchObject(late);
  await vi.advanceTimersByTimeAsync(50);
  await settled;
  expect(texts).toBe(2);
});

test('a reader that is slow after the end has its whole rewrite', async () => {
  vi.useFakeTimers();
  const stream = withDeadline(functionAligner(() => 'good'), limit).align(request)[Symbol.asyncIterator]();
  await stream.next();
  expect(await stream.next()).toMatchObject({ value: { type: 'end', outcome: 'rewritten' } });
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(500);
  expect(await stream.next()).toMatchObject({ done: true });
});

test('a late inspection has its signal aborted with the deadline', async () => {
  let seen: AbortSignal | undefined;
  const stuck = { ...functionInspector(() => 0), inspect: (_: unknown, call: { signal?: AbortSignal | undefined } = {}) => ((seen = call.signal), never<[]>()) };
  await expect(withDeadline(stuck, { timeoutMs: 1 }).inspect(exchanges)).rejects.toMatchObject(late);
  expect(seen?.reason).toMatchObject(late);
});

test('the abort of the caller comes through untouched, also when the backend ignores it', async () => {
  const reason = { why: 'closed' };
  const controller = new AbortController();
  const calls = [
    withDeadline(scriptedInspector([{ hang: 'forever' }]), limit).inspect(exchanges, controller),
    collectCorrection(withDeadline(scriptedAligner([{ hang: 'forever' }]), limit), request, controller),
    collectCompletion(withDeadline(scriptedGenerator([{ hang: 'forever' }]), limit), { prompt: 'Hi' }, controller),
  ];
  controller.abort(reason);
  expect(await Promise.allSettled(calls)).toEqual(calls.map(() => ({ status: 'rejected', reason })));
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test.each(['return', 'deadline'])('the inner stream is closed on %s', async (how) => {
  const closed = vi.fn();
  const aligner = withDeadline(
    alignerOf(async function* () {
      try {
        for (;;) yield { type: 'text', text: 'a' };
      } finally {
        closed();
      }
    }),
    { timeoutMs: how === 'return' ? 60_000 : 20 },
  );
  const read = async (): Promise<void> => {
    for await (const _ of aligner.align(request)) {
      if (how === 'return') break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  if (how === 'return') await read();
  else await expect(read()).rejects.toMatchObject(late);
  expect(closed).toHaveBeenCalledTimes(1);
});

test('a stream that is stuck in its own closing does not hold a reader that stops early beyond the deadline', async () => {
  const aligner = withDeadline(
    alignerOf(async function* () {
      try {
        yield { type: 'text', text: 'a' };
      } finally {
        await never();
      }
    }),
    { timeoutMs: 10 },
  );
  const read = async (): Promise<void> => {
    for await (const _ of aligner.align(request)) break;
  };
  await expect(read()).rejects.toMatchObject(late);
});

test.each<[string, Aligner['align']]>([
  ['throws at once', () => { throw new TypeError('mine'); }],
  ['throws in its stream', async function* () { yield await Promise.reject<AlignEvent>(new TypeError('mine')); }],
])('an aligner that %s rejects with its own error, and no timer is left', async (_name, align) => {
  vi.useFakeTimers();
  await expect(collectCorrection(withDeadline(alignerOf(align), limit), request)).rejects.toThrow('mine');
  expect(vi.getTimerCount()).toBe(0);
});

test('a text generator has a deadline too, and gives what it gave', async () => {
  const sound = withDeadline(scriptedGenerator([{ text: ['a', 'b'] }]), { timeoutMs: 60_000 });
  expect(await collectCompletion(sound, { prompt: 'Hi' })).toEqual({ text: 'ab', reason: 'stop' });
  const stuck = withDeadline(scriptedGenerator([{ hang: 'forever', after: ['a'] }]), { timeoutMs: 5 });
  await expect(collectCompletion(stuck, { prompt: 'Hi' })).rejects.toMatchObject(late);
});

test.each<[string, unknown, unknown]>([
  ['no options', functionInspector(() => 0), undefined],
  ['no time', functionInspector(() => 0), { timeoutMs: 0 }],
  ['more than a timer takes', functionInspector(() => 0), { timeoutMs: 2 ** 31 }],
  ['an unknown key', functionInspector(() => 0), { timeoutMs: 1, limit: 2 }],
  ['no backend', { contract: 'other/1' }, { timeoutMs: 1 }],
])('%s is refused', (_name, backend, options) => {
  // Callers without types can pass anything.
  const wrap = withDeadline as (...values: unknown[]) => unknown;
  expect(() => wrap(backend, options)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});
