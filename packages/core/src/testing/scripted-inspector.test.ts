import { expect, test } from 'vitest';
import { scriptedInspector } from './index.js';

const exchange = { prompt: 'Hi', response: 'Bad.' };
const pass = { ethical: 0.1, factual: 0.2, helpful: 0.3 };

test('answers the calls in order, with statuses by the threshold', async () => {
  const inspector = scriptedInspector([{ verdicts: [{ ethical: 0.3 }] }, { verdicts: [{ ethical: 0.2 }] }], {
    criteria: ['ethical'],
    threshold: 0.3,
  });
  const flag = { ethical: { status: 'flag', misalignment: 0.3, threshold: 0.3 } };
  expect(await inspector.inspect([exchange])).toEqual([flag]);
  expect((await inspector.inspect([exchange]))[0]?.['ethical']?.status).toBe('pass');
  inspector.assertDone();
});

test('gives a whole verdict as it is', async () => {
  const verdict = { status: 'unknown', misalignment: 1, threshold: 0.5, reason: 'failed' } as const;
  const inspector = scriptedInspector([{ verdicts: [{ ...pass, factual: verdict }] }]);
  expect((await inspector.inspect([exchange]))[0]?.['factual']).toBe(verdict);
});

test('gives only the asked criteria', async () => {
  const inspector = scriptedInspector([{ verdicts: [pass] }]);
  const [inspection] = await inspector.inspect([exchange], { criteria: ['helpful'] });
  expect(Object.keys(inspection ?? {})).toEqual(['helpful']);
});

test('records its calls', async () => {
  const inspector = scriptedInspector([{ verdicts: [pass] }]);
  await inspector.inspect([exchange], { criteria: ['helpful'] });
  expect(inspector.calls).toEqual([{ exchanges: [exchange], criteria: ['helpful'] }]);
});

test('rejects a call beyond the script, and assertDone tells it even when the rejection was swallowed', async () => {
  const inspector = scriptedInspector([]);
  await inspector.inspect([exchange]).catch(() => undefined);
  expect(() => inspector.assertDone()).toThrow(expect.objectContaining({ code: 'unexpected-call' }));
});

test.each([
  ['responses', { expect: { responses: ['Other.'] }, verdicts: [pass] }],
  ['exchanges', { expect: { exchanges: [{ response: 'Bad.' }] }, verdicts: [pass] }],
  ['criteria', { expect: { criteria: ['helpful'] }, verdicts: [pass] }],
  ['number of exchanges', { verdicts: [pass, pass] }],
  ['criteria', { verdicts: [{ ethical: 0.1 }] }],
])('rejects a call that differs in its %s, without showing a text', async (field, step) => {
  const inspector = scriptedInspector([step]);
  const error: unknown = await inspector.inspect([exchange]).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unexpected-call', message: expect.stringContaining(`its ${field}`) });
  expect(String(error)).not.toMatch(/Bad|Other/);
});

test('takes a call that looks as expected', async () => {
  const inspector = scriptedInspector([
    { expect: { responses: ['Bad.'], exchanges: [exchange], criteria: ['ethical'] }, verdicts: [pass] },
  ]);
  await inspector.inspect([{ ...exchange, context: undefined }], { criteria: ['ethical'] });
  inspector.assertDone();
});

test('assertDone throws when an expected call did not come', async () => {
  const inspector = scriptedInspector([{ verdicts: [pass] }, { verdicts: [pass] }]);
  await inspector.inspect([exchange]);
  expect(() => inspector.assertDone()).toThrow(/expected 2 calls, got 1/);
});

test('throws what a step says, as it is', async () => {
  const error = new TypeError('broken');
  await expect(scriptedInspector([{ throws: error }]).inspect([exchange])).rejects.toBe(error);
});

test("hangs until the signal aborts, then rejects with its reason", async () => {
  const controller = new AbortController();
  const inspector = scriptedInspector([{ hang: 'until-abort' }]);
  let settled = false;
  const running = inspector.inspect([exchange], { signal: controller.signal }).finally(() => (settled = true));
  running.catch(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
  controller.abort('stop');
  await expect(running).rejects.toBe('stop');
});

test('a call that hangs until it is aborted must bring a signal', async () => {
  const inspector = scriptedInspector([{ hang: 'until-abort' }]);
  await expect(inspector.inspect([exchange])).rejects.toMatchObject({ code: 'unexpected-call' });
});

test('a stuck backend does not settle even when it is aborted', async () => {
  const controller = new AbortController();
  const inspector = scriptedInspector([{ hang: 'forever' }]);
  let settled = false;
  void inspector.inspect([exchange], { signal: controller.signal }).finally(() => (settled = true));
  controller.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(false);
});

test('rejects a criterion that it does not serve, and uses no step for it', async () => {
  const inspector = scriptedInspector([]);
  await expect(inspector.inspect([exchange], { criteria: ['other'] })).rejects.toMatchObject({
    code: 'unknown-criterion',
  });
  inspector.assertDone();
});

test('rejects a scripted number outside [0, 1]', async () => {
  const inspector = scriptedInspector([{ verdicts: [{ ...pass, ethical: Number.NaN }] }]);
  await expect(inspector.inspect([exchange])).rejects.toMatchObject({ code: 'inspector-failed' });
});
