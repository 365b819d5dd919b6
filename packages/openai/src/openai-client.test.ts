import type { ServerResponse } from 'node:http';
import { doubleSquad, leakCases, leakMark } from '@align-squad/embedded/testing';
import OpenAI from 'openai';
import OpenAI7 from 'openai-7';
import { describe, expect, test } from 'vitest';
import { alignFetch } from './align-fetch.js';
import { chatChunks, chunkOf, mended, responseEvents, sseText, startUpstream, type Loose } from './test-support.js';

const pieces = leakCases()[6]?.pieces ?? [];
const tool_calls = [{ index: 0, id: 't', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }];
const tools = [{ type: 'function' as const, function: { name: 'f', parameters: {} } }];
const messages = [{ role: 'user' as const, content: 'How?' }];

const sendJson = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const sendEvents = (response: ServerResponse, data: readonly unknown[]): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sseText(data));
};

function answerChat(body: Loose, response: ServerResponse): void {
  const choice = (index: number, message: object): object => ({ index, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', refusal: null, ...message } });
  const answers: Readonly<Record<string, readonly object[]>> = {
    json: [choice(0, { content: '{"a":"RUDE"}' })],
    tools: [choice(0, { content: null, tool_calls })],
    two: [choice(0, { content: pieces.join('') }), choice(1, { content: 'Good day.' })],
  };
  if (body['model'] === 'broken') return sendJson(response, { error: { message: 'Overloaded.' } }, 400);
  if (body['stream'] === undefined) return sendJson(response, { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: answers[String(body['model'])] });
  if (body['model'] === 'tools') return sendEvents(response, [chunkOf({ role: 'assistant', content: 'RUDE first.' }), chunkOf({ tool_calls }), chunkOf({}, 'tool_calls'), '[DONE]']);
  if (body['model'] === 'json') return sendEvents(response, [chunkOf({ role: 'assistant', content: '{"a":"RU' }), chunkOf({ content: 'DE"}' }), chunkOf({}, 'stop')]);
  return sendEvents(response, [...chatChunks(pieces).slice(0, -1), { ...chunkOf({}), choices: [], usage: { total_tokens: 3 } }, '[DONE]']);
}

function answerResponse(body: Loose, response: ServerResponse): void {
  const events = responseEvents(pieces);
  // the last event has the whole response
  if (body['stream'] === undefined) return sendJson(response, (events.at(-1) as unknown as { response: object }).response);
  return sendEvents(response, events);
}

async function clientOf(Client: typeof OpenAI): Promise<OpenAI> {
  const baseURL = await startUpstream((body, response, request) => (request.url?.endsWith('/responses') ? answerResponse(body, response) : answerChat(body, response)));
  return new Client({ apiKey: 'key', baseURL, maxRetries: 0, fetch: alignFetch(['ethical'], { squad: doubleSquad() }) });
}

// a cast, because two versions of the client are two types; what is used here is the same
describe.each([['6', OpenAI], ['7', OpenAI7 as unknown as typeof OpenAI]])('the client of version %s', (_version, Client) => {
  test('gets aligned choices, with the header', async () => {
    const client = await clientOf(Client);
    const { data, response } = await client.chat.completions.create({ model: 'two', messages, n: 2 }).withResponse();
    expect(data.choices.map(({ message }) => message.content)).toEqual([mended, 'Good day.']);
    expect(response.headers.get('x-align-squad')).toBe('aligned, clean');
  });

  test('gets calls of tools and JSON as they are', async () => {
    const client = await clientOf(Client);
    expect((await client.chat.completions.create({ model: 'tools', messages, tools })).choices[0]?.message.tool_calls).toEqual(tool_calls);
    const { choices } = await client.chat.completions.create({ model: 'json', messages, response_format: { type: 'json_object' } });
    expect(choices[0]?.message.content).toBe('{"a":"RUDE"}');
  });

  test('reads an aligned stream', async () => {
    const client = await clientOf(Client);
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true })) chunks.push(chunk);
    expect(chunks.flatMap(({ choices }) => choices[0]?.delta.content ?? []).join('')).toBe(mended);
    expect(chunks.at(-1)?.usage).toEqual({ total_tokens: 3 });
    expect(JSON.stringify(chunks)).not.toContain(leakMark);
  });

  test('accumulates the aligned text in `chat.completions.stream`, and its report', async () => {
    const client = await clientOf(Client);
    const done: string[] = [];
    const stream = client.chat.completions.stream({ model: 'm', messages }).on('content.done', ({ content }) => done.push(content));
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]?.message.content).toBe(mended);
    expect(choices[0]).toMatchObject({ align_squad: { outcome: 'aligned' } });
    expect(done).toEqual([mended]);
  });

  test('accumulates text and calls of tools', async () => {
    const client = await clientOf(Client);
    const done: string[] = [];
    const stream = client.chat.completions.stream({ model: 'tools', messages, tools }).on('content.done', ({ content }) => done.push(content));
    const { message } = (await stream.finalChatCompletion()).choices[0] ?? {};
    expect(message).toMatchObject({ content: 'KIND first.', tool_calls: [{ id: 't', function: { name: 'f', arguments: '{"a":1}' } }] });
    expect(done).toEqual(['KIND first.']);
  });

  test('accumulates JSON as it is', async () => {
    const client = await clientOf(Client);
    const stream = client.chat.completions.stream({ model: 'json', messages, response_format: { type: 'json_object' } });
    expect(await stream.finalContent()).toBe('{"a":"RUDE"}');
  });

  test('gets an aligned response', async () => {
    const client = await clientOf(Client);
    const response = await client.responses.create({ model: 'm', input: 'How?' });
    expect(response.output_text).toBe(mended);
    expect(response).toMatchObject({ align_squad: [{ outcome: 'aligned' }] });
  });

  test('accumulates an aligned response in `responses.stream`', async () => {
    const client = await clientOf(Client);
    const seen: unknown[] = [];
    const stream = client.responses.stream({ model: 'm', input: 'How?' }).on('event', (event) => seen.push(structuredClone(event)));
    const response = await stream.finalResponse();
    expect(response.output_text).toBe(mended);
    expect(response).toMatchObject({ align_squad: [{ outcome: 'aligned' }] });
    expect(JSON.stringify(seen)).not.toContain(leakMark);
  });

  test('gets errors of the upstream as its own', async () => {
    const client = await clientOf(Client);
    await expect(client.chat.completions.create({ model: 'broken', messages })).rejects.toBeInstanceOf(Client.BadRequestError);
  });

  test('gives what alignment failed with as the cause of its connection error', async () => {
    const baseURL = await startUpstream((_body, response) => sendJson(response, { choices: [{ index: 0, message: { content: 'CRASH' } }] }));
    const fetch = alignFetch(['ethical'], { squad: doubleSquad(), onUnfixed: 'throw' });
    const client = new Client({ apiKey: 'key', baseURL, maxRetries: 0, fetch });
    await expect(client.chat.completions.create({ model: 'm', messages })).rejects.toMatchObject({ name: 'Error', cause: { code: 'blocked' } });
  });

  test('sees a connection that drops as an error, without what was held', async () => {
    const baseURL = await startUpstream((_body, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sseText([chunkOf({ role: 'assistant', content: 'Say RUDE' })]), () => response.destroy());
    });
    const client = new Client({ apiKey: 'key', baseURL, maxRetries: 0, fetch: alignFetch(['ethical'], { squad: doubleSquad() }) });
    const chunks: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true })) chunks.push(chunk);
    };
    await expect(read()).rejects.toThrow();
    expect(JSON.stringify(chunks)).not.toContain(leakMark);
  });

  test.each(['leaves the loop', 'aborts'])('lets the upstream go when it %s', async (how) => {
    let gone: (value: true) => void = () => undefined;
    const closed = new Promise<true>((resolve) => {
      gone = resolve;
    });
    const baseURL = await startUpstream((_body, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(sseText([chunkOf({ role: 'assistant', content: 'Good day. Say RU' })]));
      response.on('close', () => gone(true));
    });
    const client = new Client({ apiKey: 'key', baseURL, maxRetries: 0, fetch: alignFetch(['ethical'], { squad: doubleSquad() }) });
    const stop = new AbortController();
    const chunks: unknown[] = [];
    for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true }, { signal: stop.signal })) {
      chunks.push(chunk);
      if (!JSON.stringify(chunk).includes('Good day')) continue;
      if (how === 'aborts') stop.abort();
      else break;
    }
    expect(await closed).toBe(true);
    expect(JSON.stringify(chunks)).not.toContain('RU');
  });
});
