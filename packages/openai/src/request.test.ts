import { expect, test } from 'vitest';
import { readRequest } from './request.js';

const chat = 'https://host/openai/deployments/d/chat/completions?api-version=1';
const responses = 'https://host/any/base/responses/';
const read = (url: string | URL | Request, body: unknown, context?: Parameters<typeof readRequest>[2]): ReturnType<typeof readRequest> =>
  readRequest(url, { method: 'post', body: JSON.stringify(body) }, context);

test.each([
  ['a string', { messages: [{ role: 'user', content: 'one' }, { role: 'assistant', content: 'x' }, { role: 'user', content: 'two' }] }, 'two'],
  ['parts', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, { type: 'text', text: 'b' }] }] }, 'a\nb'],
  ['nobody', { messages: [{ role: 'system', content: 'x' }] }, undefined],
  ['no list', { messages: 'x', model: 'm' }, 'x'],
  ['broken messages', { messages: [null, { role: 'user', content: 3 }] }, undefined],
])('the prompt of a chat is the last user message: %s', async (_name, body, prompt) => {
  expect(await read(chat, body)).toMatchObject({ protocol: 'chat', isJsonMode: false, prompt });
});

test.each([
  ['a string', 'one', 'one'],
  ['items', [{ role: 'user', content: 'one' }, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'two' }, { type: 'input_image' }] }, { type: 'function_call_output' }], 'two'],
  ['nothing', undefined, undefined],
])('the prompt of a response is its input: %s', async (_name, input, prompt) => {
  expect(await read(responses, { input })).toMatchObject({ protocol: 'responses', prompt });
});

test.each([
  [chat, { response_format: { type: 'json_object' } }, true],
  [chat, { response_format: { type: 'json_schema' } }, true],
  [chat, { response_format: { type: 'text' } }, false],
  [responses, { text: { format: { type: 'json_schema' } } }, true],
  [responses, { text: { format: { type: 'text' } } }, false],
  [responses, { text: null, response_format: { type: 'json_object' } }, false],
])('JSON mode is known: %s %j %s', async (url, body, isJsonMode) => {
  expect(await read(url, body)).toMatchObject({ isJsonMode });
});

test('the context is a text, or what a function makes of the body', async () => {
  expect(await read(chat, { a: 'x' }, 'facts')).toMatchObject({ context: 'facts' });
  expect(await read(chat, { a: 'x' }, (body) => `facts of ${String(body['a'])}`)).toMatchObject({ context: 'facts of x' });
});

test.each([
  ['GET', chat],
  ['GET', responses],
  ['DELETE', 'https://host/v1/responses/r'],
  ['POST', 'https://host/v1/responses/r/cancel'],
  ['POST', 'https://host/v1/embeddings'],
  ['POST', 'https://host/v1/audio/speech'],
])('%s %s is passed through', async (method, url) => {
  expect(await readRequest(url, { method }, undefined)).toBeUndefined();
});

test('a path alone, a URL and a Request are known, with the body in any of its places', async () => {
  const body = JSON.stringify({ messages: [{ role: 'user', content: 'one' }] });
  const bytes = new TextEncoder().encode(body);
  const { signal } = new AbortController();
  const expected = { protocol: 'chat', prompt: 'one' };
  expect(await readRequest('/v1/chat/completions', { method: 'POST', body, signal }, undefined)).toMatchObject({ ...expected, signal });
  expect(await readRequest(new URL(chat), { method: 'POST', body: bytes }, undefined)).toMatchObject(expected);
  expect(await readRequest(chat, { method: 'POST', body: bytes.buffer }, undefined)).toMatchObject(expected);
  const request = new Request(chat, { method: 'POST', body, signal });
  expect(await readRequest(request, undefined, undefined)).toMatchObject(expected);
  // it is still to be sent
  expect(await request.text()).toBe(body);
});

test.each([
  ['a Blob', new Blob(['{"a":"secret"}'])],
  ['a stream', new ReadableStream()],
  ['a form', new FormData()],
  ['text that is no JSON', '{"a":secret'],
  ['JSON that is no object', '["secret"]'],
  ['nothing', undefined],
])('a body that is %s fails before anything is sent', async (_name, body) => {
  const init: RequestInit = body === undefined ? { method: 'POST' } : { method: 'POST', body };
  const error: unknown = await readRequest(chat, init, undefined).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'invalid-exchange' });
  expect(String(error)).not.toContain('secret');
});
