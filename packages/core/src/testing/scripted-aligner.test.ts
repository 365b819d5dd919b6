import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { AlignEvent, AlignRequest } from '../aligner.js';
import { scriptedAligner, type AlignerStep } from './index.js';

const request: AlignRequest = { exchange: { response: 'Bad.' }, criterion: 'ethical' };

async function eventsOf(steps: readonly AlignerStep[], asked: AlignRequest = request): Promise<AlignEvent[]> {
  const events: AlignEvent[] = [];
  for await (const event of scriptedAligner(steps).align(asked)) events.push(event);
  return events;
}

test('streams a rewrite in its pieces', async () => {
  expect(await eventsOf([{ rewrite: ['Go', 'od.'] }])).toEqual([
    { type: 'text', text: 'Go' },
    { type: 'text', text: 'od.' },
    { type: 'end', outcome: 'rewritten' },
  ]);
});

test('gives no text when there is no rewrite', async () => {
  expect(await eventsOf([{ none: true }])).toEqual([{ type: 'end', outcome: 'none' }]);
});

test('a candidate beyond those that it has is `none` and takes no step', async () => {
  expect(await eventsOf([], { ...request, candidate: 1 })).toEqual([{ type: 'end', outcome: 'none' }]);
});

test('takes a call that looks as expected', async () => {
  const expected = { response: 'Bad.', criterion: 'ethical', candidate: 0 };
  expect(await eventsOf([{ expect: expected, none: true }])).toHaveLength(1);
});

test.each([
  ['response', { response: 'Other.' }],
  ['criterion', { criterion: 'helpful' }],
  ['candidate', { candidate: 1 }],
])('throws on a call that differs in its %s', async (field, expected) => {
  await expect(eventsOf([{ expect: expected, none: true }])).rejects.toMatchObject({
    code: 'unexpected-call',
    message: expect.stringContaining(`its ${field}`),
  });
});

test('throws on a call beyond the script', async () => {
  await expect(eventsOf([])).rejects.toMatchObject({ code: 'unexpected-call' });
});

test('throws on a criterion that it does not serve', async () => {
  await expect(eventsOf([{ none: true }], { ...request, criterion: 'other' })).rejects.toMatchObject({
    code: 'unknown-criterion',
  });
});

test('assertDone throws when an expected call did not come', () => {
  expect(() => scriptedAligner([{ none: true }]).assertDone()).toThrow(/expected 1 calls, got 0/);
});

test('throws what a step says after the text that it says', async () => {
  const events: AlignEvent[] = [];
  const reading = async (): Promise<void> => {
    for await (const event of scriptedAligner([{ throws: 'broken', after: ['Go'] }]).align(request)) events.push(event);
  };
  await expect(reading()).rejects.toBe('broken');
  expect(events).toEqual([{ type: 'text', text: 'Go' }]);
});

test('hangs after some text until the signal aborts, then throws its reason and leaves no listener', async () => {
  const controller = new AbortController();
  const stream = scriptedAligner([{ hang: 'until-abort', after: ['Go'] }]).align(request, { signal: controller.signal });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  const waiting = iterator.next();
  controller.abort('stop');
  await expect(waiting).rejects.toBe('stop');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});
