import { doubleInspector, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad } from '@align-squad/squad';
import { expect, test } from 'vitest';
import { bytesOf, callAligned, chatChunks, chatUrl, chunkOf, mended, sseData, sseResponse, sseText, type Loose } from './test-support.js';

const call = async (data: readonly unknown[], ...rest: [object?, object?]): Promise<{ readonly text: string; readonly chunks: readonly Loose[] }> => {
  const text = await (await callAligned(chatUrl, sseResponse(data), ...rest)).text();
  return { text, chunks: sseData(text) };
};
const choicesOf = (chunks: readonly Loose[], index = 0): readonly Loose[] =>
  chunks.flatMap((chunk) => chunk['choices']?.filter((choice) => (choice['index'] as unknown) === index) ?? []);
const contentOf = (chunks: readonly Loose[], index = 0): string => choicesOf(chunks, index).map((choice) => choice['delta']?.['content'] ?? '').join('');

test.each(leakCases())('nothing that is flagged is given in pieces of $size characters', async ({ pieces }) => {
  const { text, chunks } = await call(chatChunks(pieces));
  expect(text).not.toContain(leakMark);
  expect(contentOf(chunks)).toBe(mended);
  expect(choicesOf(chunks)[0]?.['delta']).toEqual({ role: 'assistant', content: '' });
  expect(choicesOf(chunks).at(-1)).toMatchObject({ delta: {}, finish_reason: 'stop', align_squad: { outcome: 'aligned' } });
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('a leak would be seen: what is kept on purpose arrives', async () => {
  const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
  const { text } = await call(chatChunks([leakText]), { squad, onUnfixed: 'keep' });
  expect(text).toContain(leakMark);
});

test('what can not be mended is left out, and a message stands for a whole answer', async () => {
  expect(contentOf((await call(chatChunks(['Good day. CRASH it. Bye.']))).chunks)).not.toContain('CRASH');
  expect(contentOf((await call(chatChunks(['CRASH']), { withheldMessage: 'Withheld.' })).chunks)).toBe('Withheld.');
  const kept = await call(chatChunks(['Good day. CRASH it.']), { failOpen: ['ethical'] });
  expect(contentOf(kept.chunks)).toBe('Good day. CRASH it.');
});

test('choices are aligned side by side, and each ends with its own report', async () => {
  const both = (content: string): object => ({ ...chunkOf({}), choices: [0, 1].map((index) => ({ index, delta: { content: index === 0 ? 'ok. ' : content } })) });
  const data = [...[leakText.slice(0, 40), leakText.slice(40)].map(both), chunkOf({}, 'stop'), chunkOf({}, 'length', { index: 1 }), '[DONE]'];
  const { text, chunks } = await call(data);
  expect(text).not.toContain(leakMark);
  expect([contentOf(chunks, 0), contentOf(chunks, 1)]).toEqual(['ok. ok. ', mended]);
  expect(choicesOf(chunks, 0).at(-1)).toMatchObject({ finish_reason: 'stop', align_squad: { outcome: 'clean' } });
  expect(choicesOf(chunks, 1).at(-1)).toMatchObject({ finish_reason: 'length', align_squad: { outcome: 'aligned' } });
});

test('one chunk with role, text and end is taken apart, and its other fields stay', async () => {
  const { chunks } = await call([{ ...chunkOf({ role: 'assistant', content: 'RUDE' }, 'stop'), provider: 'p', usage: { total_tokens: 1 } }]);
  expect(chunks.map((chunk) => chunk['choices']?.[0]?.['delta'])).toEqual([{ role: 'assistant' }, { content: 'KIND' }, {}]);
  expect(chunks.every((chunk) => chunk['provider'] === 'p' && chunk['id'] === 'c')).toBe(true);
});

test('the first call of a tool comes after the text before it, later ones at once, all as they are', async () => {
  const tool_calls = [{ index: 0, id: 't', type: 'function', function: { name: 'f', arguments: '{"a":"RUDE"}' } }];
  const { chunks } = await call([chunkOf({ content: 'I say RUDE' }), chunkOf({ tool_calls }), chunkOf({ content: ' and RUDE' }), chunkOf({ function_call: { name: 'f' } }), chunkOf({}, 'tool_calls')]);
  expect(choicesOf(chunks).map((choice) => choice['delta'])).toEqual([{ content: 'I say KIND' }, { tool_calls }, { function_call: { name: 'f' } }, { content: ' and KIND' }, {}]);
  expect(choicesOf(chunks).at(-1)?.['align_squad']).toMatchObject({ outcome: 'aligned' });
  expect(choicesOf((await call([chunkOf({ tool_calls }), chunkOf({}, 'tool_calls')])).chunks).at(-1)?.['align_squad']).toEqual({ outcome: 'skipped' });
});

test.each([
  ['an empty end', null, { finish_reason: '' }],
  ['an empty list of calls', { tool_calls: [], function_call: null }, {}],
  ['a call of a tool', { tool_calls: [{ index: 0 }], function_call: {} }, {}],
])('%s in every chunk does not cut the text up', async (_name, delta, more) => {
  const { text } = await call(['I say ', 'RU', 'DE ', 'wor', 'ds.'].map((content) => chunkOf({ content, ...delta }, null, more)));
  expect(text).toContain('KIND');
});

test('nothing is read after `[DONE]`', async () => {
  expect((await call(['[DONE]', chunkOf({ content: 'RUDE' })])).text).toBe('data: [DONE]\n\n');
});

test('JSON mode passes chunks as they are and says that they were not inspected', async () => {
  const logprobs = { content: [{ token: 'RUDE' }], refusal: null };
  const { chunks } = await call([chunkOf({ content: '{"a":"RU', reasoning: 'RUDE' }, null, { logprobs }), chunkOf({ content: 'DE"}' }), chunkOf({}, 'stop')], {}, { response_format: { type: 'json_object' } });
  expect(choicesOf(chunks)).toEqual([
    { index: 0, delta: { content: '{"a":"RU' }, finish_reason: null, logprobs },
    { index: 0, delta: { content: 'DE"}' }, finish_reason: null },
    { index: 0, delta: {}, finish_reason: 'stop', align_squad: { outcome: 'skipped' } },
  ]);
});

test('log probabilities of content go, those of a refusal stay', async () => {
  const refusal = [{ token: 'No' }];
  const { chunks } = await call([chunkOf({ content: 'RUDE' }, null, { logprobs: { content: [{ token: 'RUDE' }], refusal: null } }), chunkOf({ refusal: 'No' }, null, { logprobs: { content: null, refusal } }), chunkOf({}, 'stop', { logprobs: null })]);
  expect(choicesOf(chunks).map((choice) => choice['logprobs'])).toEqual(expect.arrayContaining([null, { content: null, refusal }]));
  expect(JSON.stringify(chunks)).not.toContain(leakMark);
});

test('reasoning, repeated messages and text of other kinds are dropped', async () => {
  const more = { message: { content: 'RUDE' }, text: 'RUDE', token_ids: [1] };
  const { text, chunks } = await call([chunkOf({ reasoning_content: 'RUDE' }), chunkOf({ content: [{ type: 'thinking', thinking: 'RUDE' }, { type: 'text', text: 'RUDE' }] }), chunkOf({}, 'stop', more)]);
  expect(text).not.toContain(leakMark);
  expect(contentOf(chunks)).toBe('KIND');
});

test('the usage chunk stays the last, and without reports nothing is added', async () => {
  const usage = { id: 'c', choices: [], usage: { total_tokens: 3 } };
  const { chunks } = await call([chunkOf({ content: 'RUDE' }), chunkOf({}, 'stop'), usage], { report: 'header' });
  expect(chunks.at(-1)).toEqual(usage);
  expect(choicesOf(chunks).at(-1)).toEqual({ index: 0, delta: {}, finish_reason: 'stop' });
});

test('an error event passes', async () => {
  const error = { error: { message: 'Overloaded.' } };
  expect((await call([chunkOf({ content: 'Say RU' }), error])).chunks[0]).toEqual(error);
});

test.each([
  ['data that is no JSON', ['RUDE']],
  ['data that is no object', ['["RUDE"]']],
  ['choices that are no list', [{ choices: 'RUDE' }]],
  ['no choices', [{ text: 'RUDE' }]],
  ['a delta of text', [chunkOf({}, null, { delta: 'RUDE' })]],
  ['text after the end of a choice', [chunkOf({}, 'stop'), chunkOf({ content: 'DE' })]],
  ['an index that is no number', [chunkOf({ content: 'RUDE' }, null, { index: 'RUDE' })]],
  ['content of another kind', [chunkOf({ content: { text: 'RUDE' } })]],
])('a stream with %s fails, and tells nothing of it', async (_name, data) => {
  const response = await callAligned(chatUrl, sseResponse([chunkOf({ content: 'Good day. And RU' }), ...data]));
  const texts: string[] = [];
  const read = async (): Promise<void> => {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) texts.push(text);
  };
  const error: unknown = await read().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'source-failed' });
  expect(['', 'Good day. ']).toContain(contentOf(sseData(texts.join(''))));
  expect(texts.join('') + String(error)).not.toContain(leakMark);
});

test('a connection that drops gives its own error, and held text is dropped', async () => {
  const failure = new TypeError('terminated');
  const response = await callAligned(chatUrl, sseResponse(bytesOf([sseText([chunkOf({ content: 'Say RU' })])], { error: failure })));
  await expect(response.text()).rejects.toBe(failure);
});

test('what the policy throws is the error of the stream', async () => {
  const response = await callAligned(chatUrl, sseResponse(chatChunks(['CRASH'])), { onUnfixed: 'throw' });
  await expect(response.text()).rejects.toMatchObject({ code: 'blocked' });
});

test('a client that goes away lets go of an upstream that is silent', async () => {
  const cancelled: unknown[] = [];
  const body = bytesOf([sseText([chunkOf({ content: 'Good day. Say RU' })])], { isOpen: true, onCancel: (reason) => cancelled.push(reason) });
  const reader = (await callAligned(chatUrl, sseResponse(body))).body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('Good day. ');
  const pending = reader?.read();
  await reader?.cancel('left');
  expect(cancelled).toEqual(['left']);
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('a client that never reads lets go too', async () => {
  const cancelled: unknown[] = [];
  const body = bytesOf([], { isOpen: true, onCancel: (reason) => cancelled.push(reason) });
  await (await callAligned(chatUrl, sseResponse(body))).body?.cancel('left');
  expect(cancelled).toEqual(['left']);
});

test('two answers at once never mix', async () => {
  const both = await Promise.all(['One RUDE. ', 'Two RUDE. '].map((text) => call(chatChunks(Array.from({ length: 20 }, () => text)))));
  expect(both.map(({ chunks }) => contentOf(chunks))).toEqual(['One KIND. '.repeat(20), 'Two KIND. '.repeat(20)]);
});
