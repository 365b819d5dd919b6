import { leakMark, leakText } from '@align-squad/embedded/testing';
import { expect, test } from 'vitest';
import { callAligned, chatUrl, mended, type Loose } from './test-support.js';

const completion = (choices: readonly object[], more: object = {}): (() => Response) => () =>
  Response.json({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, ...more });
const choiceOf = (message: object, more: object = {}): object => ({ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...more });
const call = async (response: () => Response, ...rest: [object?, object?]): Promise<{ readonly body: Loose; readonly header: string | null }> => {
  const answer = await callAligned(chatUrl, response, ...rest);
  return { body: (await answer.json()) as Loose, header: answer.headers.get('x-align-squad') };
};
const json = { messages: [], response_format: { type: 'json_schema', json_schema: {} } };

test('the content is aligned, and outcome and report stand beside it', async () => {
  const { body, header } = await call(completion([choiceOf({ content: leakText, refusal: null })], { usage: { total_tokens: 3 } }));
  expect(header).toBe('aligned');
  expect(body).toMatchObject({ id: 'c', usage: { total_tokens: 3 }, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: mended, refusal: null } }] });
  expect(body['choices']?.[0]?.['align_squad']).toMatchObject({ outcome: 'aligned', changed: true, after: { ethical: { status: 'pass' } } });
  expect(JSON.stringify(body)).not.toContain(leakMark);
});

test('each of several choices is aligned and reported', async () => {
  const { body, header } = await call(completion([choiceOf({ content: 'Good day.' }), choiceOf({ content: leakText }, { index: 1 })]));
  expect(header).toBe('clean, aligned');
  expect(body['choices']?.map((choice) => choice['message']?.['content'])).toEqual(['Good day.', mended]);
  expect(body['choices']?.map((choice) => choice['align_squad']?.['outcome'])).toEqual(['clean', 'aligned']);
});

test('by default an answer that could not be shown to pass is withheld, and options say otherwise', async () => {
  const response = completion([choiceOf({ content: 'CRASH' })]);
  expect(await call(response, { withheldMessage: 'Withheld.' })).toMatchObject({ header: 'error', body: { choices: [{ message: { content: 'Withheld.' } }] } });
  expect(await call(response, { onUnfixed: 'keep' })).toMatchObject({ header: 'error', body: { choices: [{ message: { content: 'CRASH' } }] } });
  expect((await call(response, { failOpen: ['ethical'] })).body['choices']?.[0]?.['message']?.['content']).toBe('CRASH');
});

test('a text content part stands for all text parts, refusals stay and other parts go', async () => {
  const content = [{ type: 'thinking', thinking: [{ type: 'text', text: 'RUDE' }] }, { type: 'text', text: 'Say RUDE ' }, { type: 'refusal', refusal: 'No.' }, { type: 'text', text: 'words.' }];
  const { body } = await call(completion([choiceOf({ content })]));
  expect(body['choices']?.[0]?.['message']?.['content']).toEqual([{ type: 'text', text: 'Say KIND words.' }, { type: 'refusal', refusal: 'No.' }]);
});

test('refusals, calls of tools and functions pass as they are, without inspection', async () => {
  const message = { content: null, refusal: 'RUDE', tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"a":"RUDE"}' } }], function_call: { name: 'f', arguments: 'RUDE' } };
  const { body, header } = await call(completion([choiceOf(message)]));
  expect(header).toBe('skipped');
  expect(body['choices']?.[0]?.['message']).toEqual({ role: 'assistant', ...message });
  expect(body['choices']?.[0]?.['align_squad']).toEqual({ outcome: 'skipped' });
});

test('JSON mode passes the content as it is and says that it was not inspected', async () => {
  const logprobs = { content: [{ token: 'RUDE' }] };
  const { body, header } = await call(completion([choiceOf({ content: '{"a":"RUDE"}', reasoning_content: 'RUDE' }, { logprobs })]), {}, json);
  expect(header).toBe('skipped');
  expect(body['choices']?.[0]).toEqual({ index: 0, finish_reason: 'stop', logprobs, message: { role: 'assistant', content: '{"a":"RUDE"}' }, align_squad: { outcome: 'skipped' } });
});

test('reasoning, audio and unknown fields with text are dropped, other fields stay', async () => {
  const more = { text: 'RUDE', messages: ['RUDE'], token_ids: [1], content_filter_results: { hate: { filtered: false } }, stop_reason: null, seconds: 3 };
  const message = { content: 'Good day.', reasoning_content: 'RUDE', reasoning: 'RUDE', reasoning_details: [{}], audio: { transcript: 'RUDE' }, score: 1 };
  const { body } = await call(completion([choiceOf(message, more)]), { report: 'none' });
  const kept = { content_filter_results: { hate: { filtered: false } }, stop_reason: null, seconds: 3 };
  expect(body['choices']).toEqual([{ index: 0, finish_reason: 'stop', ...kept, message: { role: 'assistant', content: 'Good day.', score: 1 } }]);
});

test('log probabilities and annotations stay with an unchanged text and go with a changed one', async () => {
  const logprobs = { content: [{ token: 'RUDE' }], refusal: null };
  const annotations = [{ type: 'url_citation', url_citation: { start_index: 0 } }];
  const choices = ['Good day.', 'RUDE day.', '', [{ type: 'thinking', thinking: 'RUDE' }]].map((content) => choiceOf({ content, annotations }, { logprobs }));
  const { body } = await call(completion(choices));
  expect(body['choices']?.map((choice) => choice['logprobs'])).toEqual([logprobs, null, null, null]);
  expect(body['choices']?.map((choice) => choice['message']?.['annotations'])).toEqual([annotations, undefined, undefined, undefined]);
});

test.each([
  ['header', 'aligned', false],
  ['body', null, true],
  ['both', 'aligned', true],
  ['none', null, false],
] as const)('the report goes to %s', async (report, header, isInBody) => {
  const answer = await call(completion([choiceOf({ content: 'RUDE' }, { align_squad: 'RUDE' })]), { report });
  expect(answer.header).toBe(header);
  expect('align_squad' in (answer.body['choices']?.[0] ?? {})).toBe(isInBody);
  expect(JSON.stringify(answer.body)).not.toContain(leakMark);
});

test('an error in an answer of status 200 passes', async () => {
  const body = { error: { message: 'No such model.', code: 404 } };
  expect((await call(() => Response.json(body))).body).toEqual(body);
});

test.each([
  ['text', () => new Response('RUDE')],
  ['nothing', () => new Response(null)],
  ['a list', () => Response.json(['RUDE'])],
  ['no choices', () => Response.json({ answer: 'RUDE' })],
  ['choices that are no list', () => Response.json({ choices: { 0: { message: { content: 'RUDE' } } } })],
  ['a choice that is no object', () => Response.json({ choices: ['RUDE'] })],
  ['no message', () => Response.json({ choices: [{ text: 'RUDE' }] })],
  ['content of another kind', () => Response.json({ choices: [{ message: { content: { text: 'RUDE' } } }] })],
  ['bytes that are no UTF-8', () => new Response(new Uint8Array([0x7b, 0xff, 0x7d]))],
])('an answer of %s fails and tells nothing of it', async (_name, response) => {
  const error: unknown = await callAligned(chatUrl, response).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'source-failed' });
  expect(String(error)).not.toContain(leakMark);
  expect(error).not.toHaveProperty('cause');
});
