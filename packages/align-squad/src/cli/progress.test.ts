import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createProgress } from './progress.js';

const terminal = (): PassThrough =>
  Object.assign(new PassThrough(), { isTTY: true, columns: 80, clearLine: () => true, cursorTo: () => true });

test('without a bar only notes are written', () => {
  const stderr = new PassThrough();
  const progress = createProgress({ stderr, shown: false, totalBytes: 10 });
  progress.addBytes(10);
  progress.update({ written: 1, failed: 0 });
  progress.note('line 3 failed');
  progress.stop();
  expect(String(stderr.read())).toBe('line 3 failed\n');
});

test('the bar goes by the bytes of the input', () => {
  const stderr = terminal();
  const progress = createProgress({ stderr, shown: true, totalBytes: 200 });
  progress.addBytes(100);
  progress.update({ written: 3, failed: 1 });
  progress.stop();
  expect(String(stderr.read())).toMatch(/ 50% {2}3 done, 1 failed/);
});

test('an input of unknown size gets counts without a bar', () => {
  const stderr = terminal();
  const progress = createProgress({ stderr, shown: true });
  progress.update({ written: 3, failed: 1 });
  progress.stop();
  expect(String(stderr.read())).toContain('3 done, 1 failed');
});

test('a note wipes the bar from its line', () => {
  const stderr = terminal();
  const progress = createProgress({ stderr, shown: true });
  progress.note('line 3 failed');
  progress.stop();
  expect(String(stderr.read())).toContain('\r\u001b[Kline 3 failed\n');
});
