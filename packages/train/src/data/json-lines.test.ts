import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSource, readJsonLines } from './json-lines.js';
import { allLines, dataFile } from './test-support.js';

const code = (name: string, message: RegExp): unknown => expect.objectContaining({ code: name, message: expect.stringMatching(message) as string });

describe('what is read', () => {
  test('a value a line, numbered as in the file, without blank lines', async () => {
    const file = await dataFile('a.jsonl', '\ufeff{"a":1}\n\n  \r\n{"a":2}\r\n{"a":3}');
    expect(await allLines(file)).toEqual([
      { value: { a: 1 }, place: 'a.jsonl line 1', line: 1 },
      { value: { a: 2 }, place: 'a.jsonl line 4', line: 4 },
      { value: { a: 3 }, place: 'a.jsonl line 5', line: 5 },
    ]);
  });

  test('several files, plain and gzipped, with lines counted on', async () => {
    const files = [await dataFile('a.jsonl', '{"a":1}\n\n'), await dataFile('b.jsonl.gz', '{"a":2}\n')];
    expect((await allLines(files)).map(({ place, line }) => [place, line])).toEqual([['a.jsonl line 1', 1], ['b.jsonl.gz line 1', 3]]);
  });

  test('texts that hold line separators of Unicode, and characters that chunks cut', async () => {
    const value = { text: '\u2028\u2029é'.repeat(60_000) };
    const file = await dataFile('a.jsonl', `${JSON.stringify(value)}\n{"a":1}\n`);
    expect((await allLines(file)).map(({ value: read }) => read)).toEqual([value, { a: 1 }]);
  });

  test.each([
    ['an array', [{ a: 1 }, { a: 2 }]],
    ['a generator', (function* generate() { yield { a: 1 }; yield { a: 2 }; })()],
    ['an asynchronous generator', (async function* generate() { yield { a: 1 }; await Promise.resolve(); yield { a: 2 }; })()],
  ])('records of %s', async (_what, source) => {
    expect(await allLines(source)).toEqual([{ value: { a: 1 }, place: 'record 1', line: 1 }, { value: { a: 2 }, place: 'record 2', line: 2 }]);
  });

  test('nothing past what is asked for', async () => {
    const source = (function* generate() { yield { a: 1 }; expect.unreachable(); })();
    for await (const { value } of readJsonLines(source)) {
      expect(value).toEqual({ a: 1 });
      break;
    }
  });
});

describe('what is refused', () => {
  test.each([
    ['a line that is not JSON', '{"a":1}\n{secret\n', /^Expected a\.jsonl line 2 to be JSON\.$/],
    ['a line that is not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff), Buffer.from('"}\n')]), /line 1 to be UTF-8/],
    ['a line that is too long', `{"a":1}\n"${'secret'.repeat(50)}"\n{"a":1}\n`, /line 2 to have at most 200 bytes/],
    ['a file that is one long line', `"${'secret'.repeat(50_000)}`, /line 1 to have at most 200 bytes/],
  ])('%s', async (_what, content, message) => {
    const reading = allLines(await dataFile('a.jsonl', content), { maxLineBytes: 200 });
    await expect(reading).rejects.toEqual(code('invalid-dataset', message));
    await expect(reading).rejects.toSatisfy((error: Error) => !/secret/.test(`${error.message} ${String(error.cause)}`));
  });

  test('a file that does not exist', async () => {
    await expect(allLines(join('nowhere', 'a.jsonl'))).rejects.toEqual(code('invalid-options', /^The data file a\.jsonl could not be read \(ENOENT\)/));
    await expect(allLines(join('nowhere', 'a.jsonl.gz'))).rejects.toEqual(code('invalid-options', /a\.jsonl\.gz could not be read \(ENOENT\)/));
  });

  test('a folder', async () => {
    await expect(allLines('.')).rejects.toEqual(code('invalid-options', /EISDIR/));
  });

  test('a file that is not gzipped though it is called so', async () => {
    const file = await dataFile('a.jsonl', '{"a":1}\n');
    await rename(file, `${file}.gz`);
    await expect(allLines(`${file}.gz`)).rejects.toEqual(code('invalid-dataset', /a\.jsonl\.gz to be gzipped/));
  });

  test('to go on after an abort, with its reason', async () => {
    const reason = { stop: true };
    const source = (function* generate() { yield { a: 1 }; expect.unreachable(); })();
    await expect(allLines(source, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test('a source is called by the base names of its files', () => {
  expect(describeSource('/x/a.jsonl')).toBe('a.jsonl');
  expect(describeSource(['/x/a.jsonl', 'b.jsonl', 'c', 'd'])).toBe('a.jsonl, b.jsonl, c and others');
  expect(describeSource([{}])).toBe('the records');
});
