import { expect, test } from 'vitest';
import { countOutcomes, summariseLatency } from './summarise-results.js';
import { createTestSquad } from './test-support.js';

test('counts every outcome', async () => {
  const squad = createTestSquad();
  const results = await Promise.all(['fine', 'RUDE', 'RUDE too', 'VAGUE'].map((response) => squad.align(response)));
  expect(countOutcomes(results)).toEqual({ clean: 1, aligned: 2, unfixed: 1, blocked: 0, error: 0, timeout: 0 });
});

test('has no latency without texts', () => {
  expect(summariseLatency([])).toEqual({ texts: 0, p50Ms: null, p95Ms: null });
});
