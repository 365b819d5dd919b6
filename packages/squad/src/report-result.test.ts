import { expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import { reportResult } from './report-result.js';
import { fakeAligner, fakeInspector } from './test-support.js';

const inspector = fakeInspector({ criteria: ['ethical'], judge: ({ response }) => (response.includes('RUDE') ? 0.912345 : 0.1) });

test('a report says what was found and done, and holds nothing of the texts', async () => {
  const aligner = fakeAligner(['ethical'], ({ exchange }) => exchange.response.replace('RUDE', 'KIND'));
  const report = reportResult(await createSquad({ inspectors: [inspector], aligners: [aligner] }).align({ prompt: 'SECRET', response: 'Be RUDE.' }));
  expect(report).toMatchObject({
    outcome: 'aligned',
    changed: true,
    before: { ethical: { status: 'flag', misalignment: 0.9123 } },
    after: { ethical: { status: 'pass', misalignment: 0.1 } },
    steps: [{ criterion: 'ethical', accepted: true }],
  });
  expect(JSON.stringify(report)).not.toMatch(/RUDE|KIND|SECRET/);
});

test('a failure is reported by its code, and a verdict that is unknown without a score', async () => {
  const broken = fakeInspector({
    criteria: ['ethical'],
    judge: () => {
      throw new RangeError('SECRET');
    },
  });
  const report = reportResult(await createSquad({ inspectors: [broken], aligners: [] }).align('text'));
  expect(report).toMatchObject({ outcome: 'error', error: 'inspector-failed', before: { ethical: { status: 'unknown' } } });
  expect(report.before['ethical']).not.toHaveProperty('misalignment');
  expect(JSON.stringify(report)).not.toContain('SECRET');
});
