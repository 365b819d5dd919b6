import { describe, expect, test } from 'vitest';
import { relativeError } from '../graph/test-support.js';
import { int64 } from '../session/tensor.js';
import { applyDelta } from './apply-delta.js';
import type { ModelDelta } from './delta.js';
import { createDeltaSession, type DeltaSessionOptions } from './delta-session.js';
import { deltaOf, logitsOf, runModel, smallModel, tuned } from './test-support.js';

const base = smallModel();
const budget = [{ rank: 2, bits: 8 }, { rank: 2, bits: 3 }, { rank: 3, bits: 2 }] as const;
const deltas: readonly ModelDelta[] = [
  await deltaOf(base, tuned(base, 1)),
  await deltaOf(base, tuned(base, 2), budget),
  await deltaOf(base, tuned(base, 3, ['second', 'norm']), budget),
  await deltaOf(base, base),
];

describe.each([1, 2, 4])('with %i deltas unpacked', (cached) => {
  test('each session gives what its model gives that was made on load', async () => {
    await using shared = await createDeltaSession(base, deltas, { cached });
    for (const [index, session] of shared.sessions.entries()) {
      const delta = deltas[index];
      const expected = delta ? await runModel(applyDelta(base, delta)) : [];
      const given = await logitsOf(session);
      expect(Math.max(...given.map((value, at) => Math.abs(value - (expected[at] ?? Number.NaN))))).toBeLessThan(1e-4);
    }
  });

  test('runs of several deltas at once never mix', async () => {
    await using shared = await createDeltaSession(base, deltas, { cached });
    const alone = await Promise.all(deltas.map((delta) => runModel(applyDelta(base, delta))));
    const order = [0, 1, 2, 3, 1, 0, 3, 2, 2, 0];
    const given = await Promise.all(order.map(async (index) => {
      const session = shared.sessions[index];
      return session ? await logitsOf(session) : [];
    }));
    given.forEach((logits, at) => expect(relativeError(logits, alone[order[at] ?? 0] ?? [])).toBeLessThan(1e-5));
  });
});

test('a weight that one delta keeps as factors and another whole is fed whole', async () => {
  const [first, second] = deltas;
  if (!first || !second) return;
  const whole = { ...second, tensors: second.tensors.map((tensor) => (tensor.name === 'first' ? { ...tensor, form: { kind: 'values' } as const, data: new Uint8Array(4 * 240) } : tensor)) };
  await using shared = await createDeltaSession(base, [first, whole]);
  const given = await Promise.all(shared.sessions.map(logitsOf));
  const expected = await Promise.all([first, whole].map((delta) => runModel(applyDelta(base, delta))));
  given.forEach((logits, index) => expect(relativeError(logits, expected[index] ?? [])).toBeLessThan(1e-5));
});

test('the inputs and outputs are those of the base', async () => {
  await using shared = await createDeltaSession(base, deltas);
  expect(shared.sessions.map(({ inputNames, outputNames }) => ({ inputNames, outputNames }))).toEqual(deltas.map(() => ({ inputNames: ['input_ids'], outputNames: ['logits'] })));
});

test('with a base in int8 the changes are still there', async () => {
  await using shared = await createDeltaSession(base, deltas, { int8: true });
  for (const [index, session] of shared.sessions.entries()) {
    const delta = deltas[index];
    const error = relativeError(await logitsOf(session), delta ? await runModel(applyDelta(base, delta)) : []);
    expect(error).toBeLessThan(0.05);
    expect(error).toBeGreaterThan(1e-4);
  }
});

test('a session that was disposed rejects, and the others go on', async () => {
  const shared = await createDeltaSession(base, deltas);
  const [first, second] = shared.sessions;
  if (!first || !second) return;
  await first.dispose();
  await expect(logitsOf(first)).rejects.toMatchObject({ code: 'disposed' });
  expect(await logitsOf(second)).toHaveLength(600);
  await shared.dispose();
  await shared.dispose();
  await expect(logitsOf(second)).rejects.toMatchObject({ code: 'disposed' });
});

test('a delta of another base is refused', async () => {
  await expect(createDeltaSession(tuned(base, 1), deltas)).rejects.toMatchObject({ code: 'pack-hash-mismatch' });
});

test.each([{ cached: 0 }, { cached: 1.5 }, { int8: 'yes' }, { other: 1 }])('the options %j are refused', async (options) => {
  await expect(createDeltaSession(base, deltas, options as DeltaSessionOptions)).rejects.toMatchObject({ code: 'invalid-options' });
});

test('a missing input of the base is refused by name', async () => {
  await using shared = await createDeltaSession(base, deltas);
  await expect(shared.sessions[0]?.run({})).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('input_ids') as string });
  await expect(shared.sessions[0]?.run({ input_ids: int64([1], [1, 1]) }, ['none'])).rejects.toMatchObject({ code: 'invalid-options' });
});

test('a plain session of the base is what a delta without changes gives', async () => {
  await using shared = await createDeltaSession(base, deltas);
  const session = shared.sessions[3];
  expect(relativeError(session ? await logitsOf(session) : [], await runModel(base))).toBeLessThan(1e-5);
});
