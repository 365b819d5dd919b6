import { expect, test } from 'vitest';
import { exhaustedMs, parseDuration, retryAfterMs } from './rate-headers.js';

const now = Date.parse('2026-01-01T00:00:00Z');

test.each([
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': '2', 'retry-after-ms': '30' }, 30],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:05 GMT' }, 5000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, 0],
  [{ 'retry-after': '999999' }, 3_600_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('%o asks to wait %s ms', (headers, expected) => {
  expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected);
});

test.each([
  ['20ms', 20],
  ['1.5s', 1500],
  ['6m0s', 360_000],
  ['1h2m3s', 3_723_000],
  ['1d', 86_400_000],
  ['7', 7000],
  ['', 0],
  ['never', 0],
  ['1s or so', 0],
])('%s lasts %i ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  [{ requests: ['0', '2s'] }, 2000],
  [{ requests: ['1', '2s'] }, 0],
  [{ requests: ['0', '2s'], tokens: ['0', '3s'] }, 3000],
  [{ requests: ['5', '9s'], tokens: ['0', '40ms'] }, 40],
  [{}, 0],
] as const)('what remains of %o asks to wait %i ms', (remains, expected) => {
  const headers = new Headers();
  for (const [unit, [remaining, reset]] of Object.entries(remains)) {
    headers.set(`x-ratelimit-remaining-${unit}`, remaining);
    headers.set(`x-ratelimit-reset-${unit}`, reset);
  }
  expect(exhaustedMs(headers)).toBe(expected);
});
