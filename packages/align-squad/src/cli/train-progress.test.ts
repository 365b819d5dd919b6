import { PassThrough } from 'node:stream';
import type { TrainEvent } from '@align-squad/train';
import { expect, test } from 'vitest';
import { createTrainProgress, formatSeconds } from './train-progress.js';

const step = (number: number): TrainEvent => ({
  type: 'step-end',
  step: number,
  steps: 40,
  epoch: 1,
  loss: 0.5,
  learningRate: 0.001,
  gradientNorm: 1,
  tokensPerSecond: 1234.5,
  secondsLeft: 65,
});

test('without a terminal a line is written now and then', () => {
  const stderr = new PassThrough();
  const progress = createTrainProgress({ stderr, isTerminal: false });
  progress.show({ type: 'stage-start', stage: 'encoder' });
  progress.show({ type: 'train-start', steps: 40, parameters: 1000, resumedFromStep: 1 });
  for (let number = 2; number <= 5; number++) progress.show(step(number));
  progress.show({ type: 'evaluation-end', step: 5, score: 0.9, metrics: { kind: 0.91234 }, isBest: true });
  progress.show({ type: 'train-end', reason: 'completed', step: 40, seconds: 90 });
  progress.stop();
  expect(String(stderr.read()).split('\n')).toEqual([
    'encoder',
    '  resumed from step 1',
    '  1000 parameters, 40 steps',
    '  step 2/40  loss 0.500  1235 tokens/s  1 min 5 s left',
    '  step 4/40  loss 0.500  1235 tokens/s  1 min 5 s left',
    '  step 5: kind 0.9123  (best)',
    '  completed after step 40, 1 min 30 s',
    '',
  ]);
});

test.each([
  [{ skipped: 0, cut: 0, lines: [] }, ''],
  [{ skipped: 2, cut: 0, lines: [3, 9] }, ', 2 left out (line 3, 9)'],
  [{ skipped: 0, cut: 12, lines: [4, 5] }, ', 12 cut (line 4, 5 and others)'],
  [{ skipped: 1, cut: 0, lines: [] }, ', 1 left out'],
])('records that did not fit are told: %j', (unfit, text) => {
  const stderr = new PassThrough();
  createTrainProgress({ stderr, isTerminal: false }).show({ type: 'records', training: 24, held: 6, ...unfit });
  expect(String(stderr.read())).toBe(`  24 records to train on, 6 held out${text}\n`);
});

test('a terminal gets a bar', () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 80, clearLine: () => true, cursorTo: () => true });
  const progress = createTrainProgress({ stderr, isTerminal: true });
  progress.show({ type: 'train-start', steps: 40, parameters: 1000 });
  progress.show(step(20));
  progress.stop();
  expect(String(stderr.read())).toMatch(/█+░+ 20\/40 steps {2}loss 0\.500 {2}1235 tokens\/s {2}1 min 5 s left/);
});

test.each([
  [4.26, '4.3 s'],
  [42.4, '42 s'],
  [125, '2 min 5 s'],
  [3700, '1 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
