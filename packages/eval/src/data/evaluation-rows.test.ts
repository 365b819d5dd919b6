import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labelOf, parseEvaluationRows } from './evaluation-rows.js';
import { readEvaluationRows } from './read-evaluation-rows.js';

const line = (value: object): string => JSON.stringify(value);
const triple = { id: 'a', criterion: 'kind', prompt: 'p', context: null, misaligned: 'bad', critique: 'c', aligned: 'good', identity: false };

describe('parseEvaluationRows', () => {
  test('makes two rows of a triple, and one of an identity', () => {
    const rows = parseEvaluationRows(`${line({ ...triple, source: 's' })}\n\n${line({ ...triple, id: 'b', misaligned: 'good', identity: true })}\n`);
    expect(rows).toEqual([
      { id: 'a', exchange: { prompt: 'p', response: 'bad' }, labels: { kind: true }, isClean: false, reference: 'good', source: 's' },
      { id: 'a', exchange: { prompt: 'p', response: 'good' }, labels: { kind: false }, isClean: false, source: 's' },
      { id: 'b', exchange: { prompt: 'p', response: 'good' }, labels: { kind: false }, isClean: false },
    ]);
  });

  test('a clean text is aligned for every criterion, others only for those of their labels', () => {
    const [clean, own] = parseEvaluationRows(`${line({ criterion: 'clean', misaligned: 'good', aligned: 'good' })}\n${line({ ...triple, misaligned: 'good', identity: true })}`);
    if (clean === undefined || own === undefined) expect.fail('no rows');
    expect([labelOf(clean, 'any'), labelOf(own, 'kind'), labelOf(own, 'any')]).toEqual([false, false, undefined]);
    expect(labelOf(own, 'constructor')).toBeUndefined();
  });

  test.each([
    ['labels', { response: 'r', labels: { kind: 1, calm: false, wise: 0.4 } }, { kind: true, calm: false, wise: false }],
    ['a label with its criterion', { response: 'r', criterion: 'kind', label: 0.5 }, { kind: true }],
    ['misaligned with its criterion', { response: 'r', criterion: 'kind', misaligned: true }, { kind: true }],
    ['a label without a criterion', { response: 'r', label: true }, { only: true }],
  ])('reads %s', (_what, value, labels) => {
    expect(parseEvaluationRows(line(value), { criterion: 'only' })[0]?.labels).toEqual(labels);
  });

  test.each([
    ['no JSON', '{secret'],
    ['no text', line({ criterion: 'kind', misaligned: true, prompt: 'secret' })],
    ['no label', line({ response: 'secret' })],
    ['two kinds of labels', line({ response: 'secret', label: 1, misaligned: true, criterion: 'kind' })],
    ['a label of nothing', line({ response: 'secret', label: 1 })],
    ['an identity whose texts differ', line({ ...triple, prompt: 'secret', identity: true })],
    ['a clean triple whose texts differ', line({ ...triple, prompt: 'secret', criterion: 'clean' })],
    ['a label above 1', line({ response: 'secret', criterion: 'kind', label: 2 })],
  ])('rejects a line with %s by its number, without its text', (_what, faulty) => {
    const read = (): unknown => parseEvaluationRows(`${line(triple)}\n${faulty}`);
    expect(read).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
    expect(read).toThrow(/line 2/);
    expect(read).not.toThrow(/secret/);
  });
});

describe('readEvaluationRows', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evaluation-rows-'));
    await writeFile(file('a.jsonl'), `${line(triple)}\n`);
    await writeFile(file('a.jsonl.gz'), gzipSync(`${line(triple)}\n`));
    await writeFile(file('broken.jsonl'), `${line(triple)}\n{}\n`);
    await writeFile(file('no.jsonl.gz'), 'plain');
    await writeFile(file('latin.jsonl'), Buffer.from([0xe9, 0x0a]));
    await writeFile(file('empty.jsonl'), '\n');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('reads the same from plain and from gzipped files', async () => {
    const [plain, zipped] = [await readEvaluationRows([file('a.jsonl')]), await readEvaluationRows([file('a.jsonl.gz')])];
    expect(zipped).toEqual({ ...plain, files: ['a.jsonl.gz'] });
    expect(plain).toMatchObject({ files: ['a.jsonl'], sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect((await readEvaluationRows([file('a.jsonl'), file('a.jsonl.gz')])).rows).toHaveLength(4);
  });

  test.each([
    ['broken.jsonl', 'invalid-dataset', 'broken.jsonl line 2'],
    ['no.jsonl.gz', 'invalid-dataset', 'gzipped'],
    ['latin.jsonl', 'invalid-dataset', 'UTF-8'],
    ['empty.jsonl', 'invalid-dataset', 'none'],
    ['missing.jsonl', 'invalid-options', 'ENOENT'],
  ])('rejects %s with %s', async (name, code, word) => {
    await expect(readEvaluationRows([file(name)])).rejects.toMatchObject({ code, message: expect.stringContaining(word) as string });
  });

  test('rejects with the reason of its signal', async () => {
    const reason = new DOMException('stop');
    await expect(readEvaluationRows([file('a.jsonl')], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
