import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { parseCliOptions, type RawOptions } from './options.js';

test('one exchange comes from its options', () => {
  expect(parseCliOptions({ prompt: 'p', response: 'r', json: true })).toMatchObject({
    source: { kind: 'exchange', exchange: { prompt: 'p', response: 'r' } },
    json: true,
  });
});

test('an empty response is a response', () => {
  expect(parseCliOptions({ response: '' }).source).toMatchObject({ exchange: { response: '' } });
});

test('a file goes to stdout unless an output is named', () => {
  expect(parseCliOptions({ input: 'a.jsonl' }).source).toEqual({ kind: 'file', input: 'a.jsonl', output: '-' });
});

test('criteria are split at commas and named once', () => {
  expect(parseCliOptions({ response: 'r', criteria: 'ethical, helpful,ethical' }).criteria).toEqual(['ethical', 'helpful']);
});

test('without criteria the pack decides', () => {
  expect(parseCliOptions({ response: 'r' }).criteria).toBeUndefined();
});

test('thresholds are read by criterion', () => {
  expect(parseCliOptions({ response: 'r', threshold: ['ethical=0.6', 'helpful=.25'] }).align.thresholds).toEqual({
    ethical: 0.6,
    helpful: 0.25,
  });
});

test('the message of a block is the one given', () => {
  const { align } = parseCliOptions({ response: 'r', onUnfixed: 'block', blockMessage: 'No.' });
  expect(align.onUnfixed).toEqual({ block: 'No.' });
});

test('a deadline is a number of milliseconds', () => {
  expect(parseCliOptions({ response: 'r', deadlineMs: '250' }).align.deadlineMs).toBe(250);
});

test.each<[string, RawOptions]>([
  ['neither a response nor a file', { prompt: 'secret' }],
  ['a response and a file', { response: 'secret', input: 'a' }],
  ['an output without an input', { response: 'secret', output: 'a' }],
  ['an input without a name', { input: '' }],
  ['an empty criterion', { response: 'r', criteria: 'secret,' }],
  ['a threshold without a number', { response: 'r', threshold: ['secret'] }],
  ['a threshold over 1', { response: 'r', threshold: ['secret=1.5'] }],
  ['a threshold that is no number', { response: 'r', threshold: ['secret=1e'] }],
  ['a deadline of 0', { response: 'r', deadlineMs: '0' }],
  ['a deadline that is no number', { response: 'r', deadlineMs: 'secret' }],
  ['an unknown policy', { response: 'r', onUnfixed: 'secret' }],
  ['a block message without a block', { response: 'r', blockMessage: 'secret' }],
])('%s is refused without naming the value', (_name, raw) => {
  let error: unknown;
  try {
    parseCliOptions(raw);
  } catch (caught) {
    error = caught;
  }
  expect(AlignSquadError.isInstance(error) && error.code).toBe('invalid-options');
  expect(String(error)).not.toContain('secret');
});
