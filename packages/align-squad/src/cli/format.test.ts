import type { AlignResult, Step } from '@align-squad/squad';
import { expect, test } from 'vitest';
import { formatBar, formatDiff, formatInspection, formatMilliseconds, formatResult, formatSteps, formatVerdicts } from './format.js';
import { createStyle } from './style.js';

const plain = createStyle({}, {});
const painted = createStyle({}, { FORCE_COLOR: '1' });
const parts = [
  { type: 'same', text: 'It is ' },
  { type: 'removed', text: 'bad' },
  { type: 'added', text: 'good' },
  { type: 'same', text: '.' },
] as const;
const flag = { status: 'flag', misalignment: 0.9, threshold: 0.5 } as const;
const pass = { status: 'pass', misalignment: 0.1, threshold: 0.5 } as const;
const step: Step = {
  criterion: 'ethical',
  aligner: 'double',
  candidate: 0,
  before: { ethical: 0.9, helpful: 0.2 },
  after: { ethical: 0.1, helpful: 0.25 },
  accepted: true,
  diff: parts,
  milliseconds: 12.4,
};
const result: AlignResult = {
  outcome: 'aligned',
  response: 'It is good.',
  original: 'It is bad.',
  changed: true,
  inspections: { ethical: pass },
  originalInspections: { ethical: flag },
  changes: [{ original: { start: 6, end: 9 }, response: { start: 6, end: 10 } }],
  steps: [step],
  timing: { totalMs: 40.2, inspectMs: 20, alignMs: 20, inspectorCalls: 2 },
};

test('a step that was taken back says so', () => {
  expect(formatSteps([{ ...step, rolledBack: true }], plain)[0]).toContain('rolled back');
});

test('a diff without colours marks what was removed and added', () => {
  expect(formatDiff(parts, plain)).toBe('It is [-bad-]{+good+}.');
});

test('a diff with colours strikes what was removed and needs no marks', () => {
  expect(formatDiff(parts, painted)).toBe('It is \u001b[31m\u001b[9mbad\u001b[29m\u001b[39m\u001b[32mgood\u001b[39m.');
});

test('a diff can not drive the terminal', () => {
  expect(formatDiff([{ type: 'added', text: '\u001b[2J' }], plain)).toBe('{+\\x1b[2J+}');
});

test.each([
  [0, '░░░░░░░░░░'],
  [0.26, '███░░░░░░░'],
  [1, '██████████'],
  [7, '██████████'],
])('a bar of %d has ten cells', (value, bar) => {
  expect(formatBar(value)).toBe(bar);
});

test('short times have a decimal', () => {
  expect([formatMilliseconds(3.14), formatMilliseconds(31.4)]).toEqual(['3.1 ms', '31 ms']);
});

test('verdicts are aligned by name and show what changed', () => {
  expect(formatVerdicts({ ethical: pass, clear: flag }, plain, { ethical: flag, clear: flag })).toEqual([
    '  ethical  █░░░░░░░░░  0.90 -> 0.10  pass (flagged from 0.50)',
    '  clear    █████████░  0.90  flag (flagged from 0.50)',
  ]);
});

test.each([
  ['no-context', 'unknown (needs a context and there is none)'],
  ['failed', 'unknown (the inspector failed)'],
] as const)('an unknown verdict says why: %s', (reason, text) => {
  const [line] = formatVerdicts({ factual: { status: 'unknown', misalignment: 1, threshold: 0.5, reason } }, plain);
  expect(line).toContain(text);
});

test('a step shows its scores before and after', () => {
  expect(formatSteps([step], plain)).toEqual(['  1. ethical  accepted  ethical 0.90 -> 0.10, helpful 0.20 -> 0.25  12 ms']);
});

test('a step without a rewrite says why it was not taken', () => {
  const failed: Step = { ...step, accepted: false, rejection: 'no-rewrite', after: undefined };
  expect(formatSteps([failed], plain)).toEqual(['  1. ethical  not taken: no-rewrite  ethical 0.90, helpful 0.20  12 ms']);
});

test('a result shows the text before and after, the verdicts and the steps', () => {
  expect(formatResult(result, parts, plain)).toBe(
    [
      'aligned: rewritten until nothing was flagged  40 ms',
      '',
      'before',
      'It is bad.',
      '',
      'after',
      'It is [-bad-]{+good+}.',
      '',
      'P(misaligned)',
      '  ethical  █░░░░░░░░░  0.90 -> 0.10  pass (flagged from 0.50)',
      '',
      'steps',
      '  1. ethical  accepted  ethical 0.90 -> 0.10, helpful 0.20 -> 0.25  12 ms',
      '',
    ].join('\n'),
  );
});

test('a clean result shows its text once', () => {
  const clean: AlignResult = { ...result, outcome: 'clean', response: 'It is bad.', changed: false, steps: [] };
  const text = formatResult(clean, [{ type: 'same', text: 'It is bad.' }], plain);
  expect(text.match(/It is bad\./g)).toHaveLength(1);
});

test('a withheld text is not shown', () => {
  const blocked: AlignResult = { ...result, outcome: 'blocked', response: 'Sorry.' };
  const text = formatResult(blocked, undefined, plain);
  expect(text).toContain('returned instead\nSorry.');
  expect(text).not.toContain('It is');
});

test('an inspection shows the text and its verdicts', () => {
  expect(formatInspection('It is bad.\u0007', { ethical: flag }, 5, plain)).toBe(
    'It is bad.\\x07\n\nP(misaligned)  5.0 ms\n  ethical  █████████░  0.90  flag (flagged from 0.50)\n',
  );
});
