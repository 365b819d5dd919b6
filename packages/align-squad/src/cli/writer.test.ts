import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createWriter, isBrokenPipe } from './writer.js';

test('a full stream holds the writer until it is drained', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const write = createWriter(stream);
  const events: string[] = [];
  const written = write('123456').then(() => events.push('written'));
  await new Promise(setImmediate);
  events.push('read');
  stream.resume();
  await written;
  expect(events).toEqual(['read', 'written']);
});

test('what breaks the stream rejects the next write', async () => {
  const stream = new PassThrough();
  const write = createWriter(stream);
  const error = Object.assign(new RangeError('gone'), { code: 'EPIPE' });
  stream.destroy(error);
  await new Promise(setImmediate);
  await expect(write('a')).rejects.toBe(error);
});

test('a stream that breaks while it is full rejects the waiting write', async () => {
  const error = Object.assign(new RangeError('gone'), { code: 'EPIPE' });
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => setImmediate(done, error) });
  await expect(createWriter(stream)('abc')).rejects.toBe(error);
});

test.each([
  ['a reader that left', { code: 'EPIPE' }, true],
  ['a stream already closed', { code: 'ERR_STREAM_DESTROYED' }, true],
  ['a full disk', { code: 'ENOSPC' }, false],
  ['no error object', undefined, false],
])('%s: broken pipe %#', (_name, error, expected) => {
  expect(isBrokenPipe(error)).toBe(expected);
});
