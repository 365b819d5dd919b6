import { expect, test } from 'vitest';
import { isStructured, promptOf } from './model-call.js';

test('the prompt is the text of the last user message, without its files', () => {
  const prompt = [
    { role: 'user', content: [{ type: 'text', text: 'First?' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
    { role: 'user', content: [{ type: 'text', text: 'What is' }, { type: 'file' }, { type: 'text', text: 'this?' }] },
    { role: 'tool', content: [{ type: 'tool-result' }] },
  ];
  expect(promptOf({ prompt })).toBe('What is\nthis?');
});

test('there is no prompt without text of a user', () => {
  expect(promptOf({ prompt: [{ role: 'system', content: 'Be brief.' }] })).toBeUndefined();
  expect(promptOf({ prompt: [{ role: 'user', content: [{ type: 'file' }] }] })).toBeUndefined();
});

test('only JSON is structured output', () => {
  expect([undefined, { type: 'text' }, { type: 'json' }].map((responseFormat) => isStructured({ prompt: [], responseFormat }))).toEqual([false, false, true]);
});
