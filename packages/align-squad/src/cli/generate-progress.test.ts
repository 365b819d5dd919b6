import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createGenerateProgress } from './generate-progress.js';

const counts = { stage: 'triples', requests: 100, resumed: 10, answered: 40, failed: 1, unanswered: 0, rejected: 2, inputTokens: 300, outputTokens: 500 };

test('without a terminal it writes a line now and then, and one at the end of a stage', () => {
  const stderr = new PassThrough();
  let time = 0;
  const progress = createGenerateProgress({ stderr, isTerminal: false, now: () => time });
  progress.show({ type: 'run-start', answers: 10, damagedAnswers: 0 });
  for (; time <= 20_000; time += 1000) progress.show({ type: 'progress', ...counts });
  progress.show({ type: 'stage-end', records: 38, ...counts });
  progress.stop();
  const lines = String(stderr.read()).trimEnd().split('\n');
  expect(lines[0]).toBe('going on: 10 answers are there');
  expect(lines.filter((line) => line.includes('41 of 100 requests, 3 unusable'))).toHaveLength(2);
  expect(lines.at(-1)).toBe('triples: 100 requests (10 answered before), 3 unusable, 800 tokens');
});

test('costs are those of all stages so far', () => {
  const stderr = new PassThrough();
  let time = 0;
  const progress = createGenerateProgress({ stderr, isTerminal: false, currency: 'EUR', now: () => time });
  progress.show({ type: 'stage-end', records: 38, ...counts, stage: 'questions', cost: 0.25 });
  for (; time <= 10_000; time += 10_000) progress.show({ type: 'progress', ...counts, cost: 0.5 });
  progress.show({ type: 'stage-end', records: 38, ...counts, cost: 0.75 });
  const lines = String(stderr.read()).trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^.*, (?=\d+\.\d{4})/, ''))).toEqual(['0.2500 EUR so far', '0.7500 EUR', '1.0000 EUR so far']);
});

test('damaged answers are told', () => {
  const stderr = new PassThrough();
  createGenerateProgress({ stderr, isTerminal: false }).show({ type: 'run-start', answers: 0, damagedAnswers: 2 });
  expect(String(stderr.read())).toBe('2 damaged answers are asked again\n');
});

test('on a terminal it draws a bar', () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const progress = createGenerateProgress({ stderr, isTerminal: true });
  progress.show({ type: 'progress', ...counts, cost: 0.5 });
  progress.stop();
  expect(String(stderr.read())).toMatch(/41\/100 .* 800 tokens {2}0\.5000 USD/);
});
