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

test('on a terminal it draws a bar', () => {
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const progress = createGenerateProgress({ stderr, isTerminal: true });
  progress.show({ type: 'progress', ...counts });
  progress.stop();
  expect(String(stderr.read())).toContain('41/100');
});
