import { doubleSquad, leakText } from '@align-squad/embedded/testing';
import { expect, test, vi } from 'vitest';
import { alignFetch, type AlignFetchOptions } from './align-fetch.js';
import { bytesOf, callAligned, chatChunks, chatUrl, mended, responsesUrl, sseResponse, sseText, type Loose } from './test-support.js';

const completion = (): Response => Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: leakText } }] });
const post = (signal?: AbortSignal): RequestInit => ({ method: 'POST', body: '{"messages":[]}', ...(signal && { signal }) });

test.each([{ fetch: 'x' }, { context: 3 }, { report: 'all' }, { report: true }, { squad: 1 }, { withheldMessage: '' }])('options %j are rejected at once', (options) => {
  // a cast, because the types reject them too
  expect(() => alignFetch(['ethical'], options as unknown as AlignFetchOptions)).toThrow(expect.objectContaining({ code: 'invalid-options' }));
});

test('unknown options are rejected by the first call', async () => {
  await expect(callAligned(chatUrl, completion(), { reports: 'all' } as AlignFetchOptions)).rejects.toMatchObject({ code: 'invalid-options' });
});

test.each([
  ['another endpoint', 'http://127.0.0.1/v1/embeddings', { status: 200 }],
  ['an error of the upstream', chatUrl, { status: 429 }],
  ['a failure of the upstream', chatUrl, { status: 503 }],
])('the very response of %s comes back', async (_name, url, init) => {
  const response = Response.json({ error: { message: 'RUDE' } }, init);
  expect(await callAligned(url, response)).toBe(response);
});

test('the request goes to the underlying fetch as it was given', async () => {
  const fetch = vi.fn(async () => completion());
  const init = post(new AbortController().signal);
  await alignFetch(['ethical'], { squad: doubleSquad(), fetch })(chatUrl, init);
  expect(fetch.mock.calls).toEqual([[chatUrl, init]]);
  expect((fetch.mock.calls as unknown[][])[0]?.[1]).toBe(init);
});

test('the global fetch is looked up by each call', async () => {
  const call = alignFetch(['ethical'], { squad: doubleSquad() });
  vi.stubGlobal('fetch', async () => completion());
  try {
    expect(((await (await call(chatUrl, post())).json()) as Loose)['choices']?.[0]?.['message']?.['content']).toBe(mended);
  } finally {
    vi.unstubAllGlobals();
  }
});

const namesAndValues = (headers: Headers): Record<string, string> => {
  const all: Record<string, string> = {};
  headers.forEach((value, name) => {
    all[name] = value;
  });
  return all;
};

test('headers that are true of the raw body only are left out', async () => {
  const headers = { 'content-length': '5', 'content-encoding': 'gzip', etag: 'e', 'x-request-id': 'q', 'x-align-squad': 'clean' };
  const whole = await callAligned(chatUrl, new Response(await completion().text(), { status: 201, headers: { ...headers, 'content-type': 'application/json' } }));
  expect(whole.status).toBe(201);
  expect(namesAndValues(whole.headers)).toEqual({ 'content-type': 'application/json', 'x-request-id': 'q', 'x-align-squad': 'aligned' });
  const streamed = await callAligned(chatUrl, sseResponse(chatChunks([leakText]), { headers }));
  expect(namesAndValues(streamed.headers)).toEqual({ 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'q' });
});

test('an answer aborted by the caller rejects with the reason', async () => {
  const stop = new AbortController();
  const reason = new DOMException('Left.', 'AbortError');
  const fetch = async (): Promise<Response> => {
    stop.abort(reason);
    return completion();
  };
  await expect(alignFetch(['ethical'], { squad: doubleSquad(), fetch })(chatUrl, post(stop.signal))).rejects.toBe(reason);
});

test('errors of the underlying fetch stay as they are', async () => {
  const failure = new TypeError('fetch failed');
  const call = alignFetch(['ethical'], { squad: doubleSquad(), fetch: async () => Promise.reject(failure) });
  await expect(call(chatUrl, post())).rejects.toBe(failure);
});

test('prompt and context come to the squad, and each result to `onResult`', async () => {
  const squad = doubleSquad();
  const seen: unknown[] = [];
  const watched = { ...squad, align: (exchange: Parameters<typeof squad.align>[0], options: Parameters<typeof squad.align>[1]) => (seen.push(exchange), squad.align(exchange, options)) };
  await callAligned(chatUrl, completion(), { squad: watched, context: (body) => Object.keys(body).join(), onResult: ({ outcome }) => seen.push(outcome) });
  expect(seen).toEqual([{ prompt: 'How?', context: 'messages', response: leakText }, 'aligned']);
});

test.each([
  ['chat completions', chatUrl, [{ choices: [{ delta: { content: 'Grün RUDE 🙂' } }] }, '[DONE]']],
  ['responses', responsesUrl, [{ type: 'response.output_text.delta', delta: 'Grün RUDE 🙂' }, { type: 'response.output_text.done', text: 'Grün RUDE 🙂' }]],
])('%s stream the same wherever the bytes are cut', async (_name, url, data) => {
  const bytes = new TextEncoder().encode(sseText(data));
  const read = async (at: number): Promise<string> => (await callAligned(url, sseResponse(bytesOf([bytes.slice(0, at), bytes.slice(at)])), { report: 'none' })).text();
  const whole = await read(0);
  expect(whole).toContain('Grün KIND 🙂');
  for (let at = 1; at <= bytes.length; at += 1) expect(await read(at)).toBe(whole);
});
