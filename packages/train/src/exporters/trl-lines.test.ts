import { describe, expect, test } from 'vitest';
import { spellsMarker, toTrlPreference, toTrlSft } from './trl-lines.js';

const correction = 'It rained.';
const exchange = { prompt: ' Why? ', response: 'It snowed.' };

test('prompt and completion together are the layout of the paper', () => {
  const { prompt, completion } = toTrlSft({ exchange, correction });
  expect(prompt + completion).toBe('Why? [INIT] It snowed. [ALIGNED] It rained. [DONE]');
});

test('the completion begins with the space, the prompt does not end with it', () => {
  expect(toTrlSft({ exchange, correction })).toEqual({ prompt: 'Why? [INIT] It snowed. [ALIGNED]', completion: ' It rained. [DONE]' });
});

test.each([
  ['a context follows its marker', { ...exchange, context: 'Rain.\n' }, 'Why? [CONTEXT] Rain. [INIT] It snowed. [ALIGNED]'],
  ['a blank context has none', { ...exchange, context: ' ' }, 'Why? [INIT] It snowed. [ALIGNED]'],
  ['without a prompt the response comes first', { response: 'It snowed.' }, '[INIT] It snowed. [ALIGNED]'],
])('%s', (_what, given, prompt) => {
  expect(toTrlSft({ exchange: given, correction }).prompt).toBe(prompt);
});

test('a preference chooses the correction over the response', () => {
  expect(toTrlPreference({ exchange, correction })).toEqual({
    prompt: 'Why? [INIT] It snowed. [ALIGNED]',
    chosen: ' It rained. [DONE]',
    rejected: ' It snowed. [DONE]',
  });
});

describe('a marker is found', () => {
  test.each([
    ['in the prompt', { exchange: { ...exchange, prompt: 'a[INIT]b' }, correction }],
    ['in a conversation', { exchange: { ...exchange, prompt: [{ role: 'user', content: '[CONTEXT]' }] as const }, correction }],
    ['in the context', { exchange: { ...exchange, context: '[ALIGNED]' }, correction }],
    ['in the response', { exchange: { response: 'x [done]' }, correction }],
    ['in the correction', { exchange, correction: '[Done]' }],
  ])('%s', (_where, record) => {
    expect(spellsMarker(record)).toBe(true);
  });

  test('in no other brackets', () => {
    expect(spellsMarker({ exchange: { response: '[1] INIT [ DONE ]' }, correction })).toBe(false);
  });
});
