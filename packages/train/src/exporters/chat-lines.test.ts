import { expect, test } from 'vitest';
import { toPreference, toSftChat } from './chat-lines.js';
import { correctionMessages } from './correction-messages.js';

const record = { exchange: { prompt: 'Why?', response: 'It snowed.' }, correction: 'It rained.' };

test('a chat ends with the correction as the assistant says it', () => {
  expect(toSftChat(record)).toEqual({
    messages: [...correctionMessages(record.exchange), { role: 'assistant', content: 'It rained.' }],
  });
});

test('a preference asks the same and has one message on each side', () => {
  expect(toPreference(record)).toEqual({
    input: { messages: correctionMessages(record.exchange) },
    preferred_output: [{ role: 'assistant', content: 'It rained.' }],
    non_preferred_output: [{ role: 'assistant', content: 'It snowed.' }],
  });
});
