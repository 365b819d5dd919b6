import type { AlignResult } from 'align-squad';
import { expect, test } from 'vitest';
import { createStyle } from '../packages/align-squad/src/cli/style.js';
import { countShown, exitCodeOf, formatShown, formatTotals, type Shown } from './quickstart.js';

const pass = { status: 'pass', misalignment: 0.1, threshold: 0.5 } as const;

function show(identity: boolean, outcome: AlignResult['outcome'], response: string): Shown {
  const original = 'It is bad.';
  const row = { id: 'a', criterion: 'ethical', prompt: 'How is it?', context: null, misaligned: original, identity };
  const inspections = { ethical: pass };
  const timing = { totalMs: 5, inspectMs: 4, alignMs: 1, inspectorCalls: 1 };
  const changed = response !== original;
  return {
    row,
    result: { outcome, response, original, changed, inspections, originalInspections: inspections, changes: [], steps: [], timing },
  };
}

const fixed = show(false, 'aligned', 'It is good.');
const unfixed = show(false, 'unfixed', 'It is bad.');
const untouched = show(true, 'clean', 'It is bad.');
const touched = show(true, 'aligned', 'It is good.');

test.each([
  ['one fixed and none touched', [fixed, unfixed, untouched], 0],
  ['an aligned one touched', [fixed, touched], 1],
  ['none fixed', [unfixed, untouched], 1],
])('%s', (_name, shown, code) => {
  expect(exitCodeOf(countShown(shown))).toBe(code);
});

test('an exchange shows its rewrite as a diff', () => {
  const text = formatShown(fixed, createStyle({}, {}));
  expect(text).toContain('How is it?  (misaligned: ethical)\nbefore: It is bad.\nafter:  It is [-bad-]{+good+}.\n');
});

test('an exchange that was left alone says so', () => {
  expect(formatShown(untouched, createStyle({}, {}))).toContain('after:  (the very same text)');
});

test('the last line has the totals and what to do next', () => {
  const text = formatTotals(countShown([fixed, unfixed, untouched]));
  expect(text).toMatch(/^1 of 2 misaligned answers fixed, 1 of 1 aligned ones untouched, 15 ms in all\. Next: npx align-squad/);
});
