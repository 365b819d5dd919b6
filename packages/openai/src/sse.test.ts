import { expect, test } from 'vitest';
import { readServerEvents, writeServerEvent, type ServerEvent } from './sse.js';
import { bytesOf } from './test-support.js';

const text = ': keepalive\r\n\r\nevent: a\r\nid: 7\r\ndata: {"text":\r\ndata: "grün 🙂"}\r\n\r\nretry: 10\n\ndata:{"b":1}\n\ndata:\n\ndata: [DONE]\n\n';
const events: readonly ServerEvent[] = [
  { data: 'comment' },
  { event: 'a', id: '7', data: { text: 'grün 🙂' } },
  { event: undefined, id: undefined, data: { b: 1 } },
  { event: undefined, id: undefined, data: 'comment' },
  { event: undefined, id: undefined, data: 'done' },
];

async function read(pieces: readonly (string | Uint8Array)[]): Promise<readonly ServerEvent[]> {
  const read: ServerEvent[] = [];
  for await (const event of bytesOf(pieces).pipeThrough(readServerEvents((event) => [event]))) read.push(event);
  return read;
}

test('events are the same wherever the bytes are cut', async () => {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at <= bytes.length; at += 1) expect(await read([bytes.slice(0, at), bytes.slice(at)])).toEqual(events);
  expect(await read([...bytes].map((byte) => new Uint8Array([byte])))).toEqual(events);
});

test('a last event without its blank line is complete when its data is', async () => {
  expect(await read([text.trimEnd()])).toEqual(events);
  await expect(read(['data: {"b":1}\n\ndata: {"b":'])).rejects.toMatchObject({ code: 'source-failed' });
});

test('a large event comes whole', async () => {
  const large = 'x'.repeat(5_000_000);
  expect(await read([`data: {"b":"${large}"}\n\n`])).toMatchObject([{ data: { b: large } }]);
});

test.each([
  ['bytes that are no UTF-8', [new Uint8Array([0x64, 0xff])]],
  ['a character that is cut off', ['data: {}\n\n: ', new Uint8Array([0xf0, 0x9f])]],
  ['data that is no JSON', ['data: secret\n\n']],
  ['data that is no object', ['data: ["secret"]\n\n']],
])('%s fails, and the error tells nothing of the data', async (_name, pieces) => {
  const error: unknown = await read(pieces).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'source-failed' });
  expect(String(error)).not.toContain('secret');
  expect(error).not.toHaveProperty('cause');
});

test('an event that was written reads as it was', async () => {
  const written = events.map(writeServerEvent);
  expect(await read(written)).toEqual(events);
  expect(new TextDecoder().decode(written[1])).toBe('event: a\nid: 7\ndata: {"text":"grün 🙂"}\n\n');
});
