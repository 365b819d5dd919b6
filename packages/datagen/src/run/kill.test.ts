import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killLoop } from '../testing/kill-loop.js';

test('killed again and again it ends with the dataset of a run that was not', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-kill-'));
  const result = await killLoop({ folder, count: 400, kills: 6, mostMs: 400, latencyMs: 10, seed: 5 });
  await rm(folder, { recursive: true });
  expect(result).toMatchObject({ kills: 6, isSame: true });
  expect(result.answeredAgain).toBeLessThanOrEqual(result.kills * result.mostAKill);
});
