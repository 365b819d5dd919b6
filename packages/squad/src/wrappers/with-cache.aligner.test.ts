import { getEventListeners } from 'node:events';
import { collectCorrection, type Aligner, type AlignEvent, type AlignRequest, type Verdict } from '@align-squad/core';
import { alignerConformance, functionAligner, scriptedAligner } from '@align-squad/core/testing';
import { describe, expect, test, vi } from 'vitest';
import { withCache } from './with-cache.js';

const request: AlignRequest = { exchange: { prompt: 'Hi', response: 'A bad, bad answer.' }, criterion: 'ethical' };
const rewritten = (response: string): object => ({ outcome: 'rewritten', response });

function alignerOf(align: Aligner['align']): Aligner {
  return { ...functionAligner(() => '', { maxCandidates: 3 }), align };
}

describe('a cached aligner', () => {
  const soften = ({ exchange }: AlignRequest): string | undefined =>
    exchange.response.includes('bad') ? exchange.response.replaceAll('bad', 'good') : undefined;
  const shared = withCache(functionAligner(soften));
  const creates: Record<string, () => Aligner> = { fresh: () => withCache(functionAligner(soften)), filled: () => shared };
  for (const [how, create] of Object.entries(creates)) {
    for (const { name, run } of alignerConformance({ create, requests: [request] })) test(`${how}: ${name}`, run);
  }
});

test('a rewrite is asked once and comes again as a whole, as does none', async () => {
  const inner = scriptedAligner([{ rewrite: ['a', 'b'] }, { none: true }]);
  const cached = withCache(inner, { always: true });
  const other = { ...request, criterion: 'factual' };
  for (let call = 0; call < 3; call++) {
    expect(await collectCorrection(cached, request)).toEqual(rewritten('ab'));
    expect(await collectCorrection(cached, other)).toEqual({ outcome: 'none' });
  }
  inner.assertDone();
  expect(cached.stats()).toEqual({ hits: 4, misses: 2, entries: 2 });
});

const verdict: Verdict = { status: 'flag', misalignment: 0.9, threshold: 0.5, spans: [{ start: 0, end: 3, misalignment: 0.9 }] };

test('another criterion, candidate, verdict, sentence score or exchange is another entry', async () => {
  const inner = functionAligner(() => 'good', { maxCandidates: 3 });
  const cached = withCache(inner);
  const requests: AlignRequest[] = [
    request,
    { ...request, criterion: 'factual' },
    { ...request, candidate: 1 },
    { ...request, verdict },
    { ...request, verdict: { ...verdict, misalignment: 0.8 } },
    { ...request, verdict: { ...verdict, spans: [{ start: 0, end: 3, misalignment: 0.8 }] } },
    { ...request, exchange: { prompt: 'HiA', response: ' bad, bad answer.' } },
  ];
  for (const one of [...requests, ...requests, { ...request, candidate: 0 }]) await collectCorrection(cached, one);
  expect(inner.calls).toHaveLength(requests.length);
});

test.each<[string, (signal?: AbortSignal) => AsyncGenerator<AlignEvent>]>([
  ['ends without end', async function* () { yield { type: 'text', text: 'a' }; }],
  ['gives text with none', async function* () { yield { type: 'text', text: 'a' }; yield { type: 'end', outcome: 'none' }; }],
  ['gives a number as text', async function* () { yield { type: 'text', text: 5 as unknown as string }; yield { type: 'end', outcome: 'rewritten' }; }],
  ['has an outcome of its own', async function* () { yield { type: 'end', outcome: 'maybe' as 'none' }; }],
  ['throws in the middle', async function* () { yield { type: 'text', text: 'a' }; throw new TypeError('mine'); }],
])('a stream that %s is not kept', async (_name, stream) => {
  const align = vi.fn(() => stream());
  const cached = withCache(alignerOf(align));
  for (let call = 0; call < 2; call++) await Promise.allSettled([collectCorrection(cached, request)]);
  expect(align).toHaveBeenCalledTimes(2);
  expect(cached.stats().entries).toBe(0);
});

test('a stream that its reader leaves is closed and aborted, and not kept', async () => {
  let seen: AbortSignal | undefined;
  const closed = vi.fn();
  const cached = withCache(
    alignerOf(async function* (_, options) {
      seen = options?.signal;
      try {
        yield { type: 'text', text: 'a' };
        yield { type: 'end', outcome: 'rewritten' };
      } finally {
        closed();
      }
    }),
  );
  const { signal } = new AbortController();
  for await (const _ of cached.align(request, { signal })) break;
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1));
  expect(seen?.aborted).toBe(true);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(cached.stats().entries).toBe(0);
  expect(await collectCorrection(cached, request)).toEqual(rewritten('a'));
  expect(cached.stats()).toEqual({ hits: 0, misses: 2, entries: 1 });
});

test('equal requests at the same time share one stream; the abort of one leaves the other alone', async () => {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const align = vi.fn(async function* (_request: AlignRequest): AsyncGenerator<AlignEvent> {
    yield { type: 'text', text: 'a' };
    await gate;
    yield { type: 'text', text: 'b' };
    yield { type: 'end', outcome: 'rewritten' };
  });
  const cached = withCache(alignerOf(align));
  const controller = new AbortController();
  const first = collectCorrection(cached, request, { signal: controller.signal });
  const second = collectCorrection(cached, request);
  await new Promise(setImmediate);
  controller.abort('closed');
  await expect(first).rejects.toBe('closed');
  release();
  expect(await second).toEqual(rewritten('ab'));
  expect(align).toHaveBeenCalledTimes(1);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  expect(cached.stats()).toEqual({ hits: 1, misses: 1, entries: 1 });
});

test('a stream that fails fails for all its readers, and the next call asks again', async () => {
  const inner = scriptedAligner([{ throws: new TypeError('mine'), after: ['a'] }, { rewrite: 'good' }]);
  const cached = withCache(inner, { always: true });
  const both = await Promise.allSettled([collectCorrection(cached, request), collectCorrection(cached, request)]);
  expect(both.map((one) => one.status === 'rejected' && one.reason)).toEqual([new TypeError('mine'), new TypeError('mine')]);
  expect(await collectCorrection(cached, request)).toEqual(rewritten('good'));
  inner.assertDone();
});

test('the abort of its only caller ends a stream that is stuck, and the next call starts another', async () => {
  const inner = scriptedAligner([{ hang: 'forever' }, { rewrite: 'good' }]);
  const cached = withCache(inner, { always: true });
  const controller = new AbortController();
  const stuck = collectCorrection(cached, request, controller);
  await new Promise(setImmediate);
  controller.abort('closed');
  await expect(stuck).rejects.toBe('closed');
  expect(await collectCorrection(cached, request)).toEqual(rewritten('good'));
});
