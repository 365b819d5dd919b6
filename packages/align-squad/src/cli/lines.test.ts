import { expect, test } from 'vitest';
import { readLines, type InputLine } from './lines.js';

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function collect(input: string | Uint8Array, size = 3, maxBytes?: number): Promise<InputLine[]> {
  const lines: InputLine[] = [];
  for await (const line of readLines(chunksOf(Buffer.from(input), size), { maxBytes })) lines.push(line);
  return lines;
}

const texts = (lines: InputLine[]): string[] => lines.map((line) => ('text' in line ? line.text : line.error.code));

test.each([1, 2, 3, 1000])('lines come whole from chunks of %i bytes', async (size) => {
  expect(texts(await collect('äö€\n\nlast 👩', size))).toEqual(['äö€', '', 'last 👩']);
});

test('a trailing newline adds no line', async () => {
  expect(texts(await collect('a\nb\n'))).toEqual(['a', 'b']);
});

test('line and paragraph separators stay inside a line', async () => {
  expect(texts(await collect('a\u2028b\u2029c\rd'))).toEqual(['a\u2028b\u2029c\rd']);
});

test('a byte order mark is dropped', async () => {
  expect(texts(await collect('\ufeffa'))).toEqual(['a']);
});

test('a line that is not UTF-8 is an error with its number and the next ones still come', async () => {
  const lines = await collect(Buffer.concat([Buffer.from('a\n'), Buffer.from([0xff, 0x0a]), Buffer.from('b')]));
  expect(texts(lines)).toEqual(['a', 'invalid-exchange', 'b']);
  expect(lines[1]?.number).toBe(2);
});

test('a line over the limit is an error and the next ones still come', async () => {
  expect(texts(await collect('1234567890\nok\n123456\n12345', 4, 5))).toEqual([
    'invalid-exchange',
    'ok',
    'invalid-exchange',
    '12345',
  ]);
});

test('the bytes of every chunk are told', async () => {
  let bytes = 0;
  for await (const line of readLines(chunksOf(Buffer.from('ab\ncd'), 2), { onBytes: (count) => (bytes += count) })) {
    expect(line.number).toBeGreaterThan(0);
  }
  expect(bytes).toBe(5);
});
