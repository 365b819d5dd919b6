import { AlignSquadError, collectCompletion, type Completion } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createOpenaiGenerator, type OpenaiGeneratorOptions } from './openai-generator.js';

type Chunks = readonly Uint8Array[];

function stream(chunks: Chunks): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** The completion that the generator reads of an answer that comes in these chunks. */
function read(chunks: Chunks, options: Partial<OpenaiGeneratorOptions> = {}): Promise<Completion> {
  const fetch: typeof globalThis.fetch = async () => new Response(stream(chunks), { headers: { 'content-type': 'text/event-stream' } });
  return collectCompletion(createOpenaiGenerator({ baseUrl: 'http://127.0.0.1:1/v1', model: 'm', maxRetries: 0, fetch, ...options }), { prompt: 'Why?' });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const choice = (fields: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...fields }] })}\n\n`;
const text = (content: string): string => choice({ delta: { content } });
const end = `${choice({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;

test.each(['\n', '\r\n', '\r'])('events with line ends %j are read wherever they are cut', async (lineEnd) => {
  const whole = bytes(`: a comment\n\n${text('Naïve 👍🏽')}event: message\n${text(' “ok”')}${end}`.replaceAll('\n', lineEnd));
  for (let at = 1; at < whole.length; at += 3) {
    expect(await read([whole.slice(0, at), whole.slice(at)])).toEqual({ text: 'Naïve 👍🏽 “ok”', reason: 'stop' });
  }
  expect((await read([...whole].map((byte) => Uint8Array.of(byte)))).text).toBe('Naïve 👍🏽 “ok”');
});

test('a huge event in many chunks is read', async () => {
  const long = 'abcdefgh'.repeat(500_000);
  const whole = bytes(text(long) + end);
  const size = 65_536;
  const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.slice(index * size, (index + 1) * size));
  expect((await read(chunks)).text === long).toBe(true);
});

test('bytes that are no UTF-8 read as U+FFFD', async () => {
  const [before = '', after = ''] = text('a|b').split('|');
  expect((await read([bytes(before), Uint8Array.of(0xff, 0xc3), bytes(after + end)])).text).toBe('a\ufffd\ufffdb');
});

test('events of usage and of other choices say nothing', async () => {
  const others = [{ choices: [], usage: { total_tokens: 3 } }, { choices: [{ index: 1, delta: { content: 'no' }, finish_reason: 'length' }] }, { usage: null }];
  expect(await read([bytes(`${text('Yes.')}${others.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}${end}`)])).toEqual({ text: 'Yes.', reason: 'stop' });
});

test('a token without others of its place is told alone', async () => {
  const told = choice({ delta: { content: 'A' }, logprobs: { content: [{ token: 'A', logprob: -0.5, top_logprobs: [] }] } });
  expect((await read([bytes(told + end)])).topLogprobs).toEqual([[{ token: 'A', logprob: -0.5 }]]);
});

test.each<[string, string, RegExp]>([
  ['ends without a reason', `${text('SECRET')}data: [DONE]\n\n`, /broke off before its end/],
  ['has nothing in it', '', /broke off before its end/],
  ['is cut off within an event', text('SECRET') + end.slice(0, 20), /broke off before its end/],
  ['is filtered', text('SECRET') + choice({ delta: {}, finish_reason: 'content_filter' }), /content filter/],
  ['is a refusal', choice({ delta: { refusal: 'SECRET' } }) + end, /refused to answer/],
  ['calls a tool', choice({ delta: {}, finish_reason: 'tool_calls' }), /called a tool/],
  ['ends for a reason of its own', choice({ delta: {}, finish_reason: 'SECRET' }), /unknown reason/],
  ['ends with an error', `${text('a')}data: {"error":{"message":"SECRET"}}\n\n`, /with an error/],
  ['is not JSON', 'data: {"SECRET\n\n', /not JSON/],
  ['has another form', 'data: {"choices":[{"delta":{"content":5}}]}\n\n', /form of the OpenAI API/],
  ['is no object', 'data: 5\n\n', /form of the OpenAI API/],
  ['is a web page', '<html>SECRET</html>', /broke off before its end/],
])('an answer that %s is a failure without its text', async (_, answer, message) => {
  const error: unknown = await read([bytes(answer)]).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'generator-failed', message: expect.stringMatching(message) });
  expect(AlignSquadError.isInstance(error) && error.cause).toBeUndefined();
  expect(String(error)).not.toContain('SECRET');
});

test('a client that does not listen to its signal is left all the same', async () => {
  const fetch: typeof globalThis.fetch = async () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(bytes(text('a'))) }));
  await expect(read([], { fetch, timeoutMs: 50 })).rejects.toMatchObject({ code: 'generator-failed', message: expect.stringContaining('within 50 ms') });
  const silent: typeof globalThis.fetch = () => new Promise(() => undefined);
  await expect(read([], { fetch: silent, timeoutMs: 50 })).rejects.toMatchObject({ code: 'generator-failed' });
});
