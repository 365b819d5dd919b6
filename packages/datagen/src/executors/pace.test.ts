import { expect, test } from 'vitest';
import { createPace } from './pace.js';

function clocked(concurrency: number) {
  const clock = { ms: 0 };
  return { clock, pace: createPace(concurrency, () => clock.ms) };
}

test('it allows the concurrency that was asked for', () => {
  const { pace } = clocked(3);
  expect([pace.hasRoom(2, 0), pace.hasRoom(3, 0)]).toEqual([true, false]);
});

test('nothing is sent before the time that a refusal asks to wait is over', () => {
  const { pace } = clocked(4);
  pace.onRateLimit({ waitMs: 100, sentAt: 0, active: 3 });
  expect([pace.hasRoom(0, 99), pace.hasRoom(0, 100)]).toEqual([false, true]);
});

test('the refusals of a burst lower the limit to what the server took', () => {
  const { clock, pace } = clocked(32);
  clock.ms = 5;
  for (let active = 31; active >= 20; active--) pace.onRateLimit({ waitMs: 10, sentAt: 1, active });
  expect(pace.limit).toBe(20);
});

test('a burst that is refused as a whole halves the limit once', () => {
  const { clock, pace } = clocked(32);
  clock.ms = 5;
  for (let active = 31; active >= 0; active--) pace.onRateLimit({ waitMs: 10, sentAt: 1, active });
  expect(pace.limit).toBe(16);
  clock.ms = 20;
  pace.onRateLimit({ waitMs: 10, sentAt: 16, active: 0 });
  expect(pace.limit).toBe(8);
});

test('the limit never falls below one', () => {
  const { pace } = clocked(2);
  for (let fall = 0; fall < 5; fall++) pace.onRateLimit({ waitMs: 0, sentAt: fall, active: 0 });
  expect(pace.limit).toBe(1);
});

test('after a fall it tries one more, more rarely as tries are refused, and never beyond the concurrency', () => {
  const { clock, pace } = clocked(4);
  const answersUntil = (limit: number): number => {
    let answers = 0;
    for (; pace.limit < limit && answers < 1000; answers++) pace.onAccepted(0);
    return answers;
  };
  const refuse = (): void => pace.onRateLimit({ waitMs: 0, sentAt: (clock.ms += 1), active: 3 });
  refuse();
  expect(answersUntil(4)).toBe(3 * 2);
  refuse();
  expect(answersUntil(4)).toBe(3 * 4);
  refuse();
  expect(answersUntil(4)).toBe(3 * 8);
  expect(answersUntil(5)).toBe(1000);
  // Nothing was tried just now, so the number of requests was not the cause.
  refuse();
  expect(answersUntil(4)).toBe(3 * 4);
});

test('a server that has nothing left is given time without a lower limit', () => {
  const { pace } = clocked(4);
  pace.onAccepted(50);
  expect([pace.limit, pace.hasRoom(0, 49), pace.hasRoom(0, 50)]).toEqual([4, false, true]);
});
