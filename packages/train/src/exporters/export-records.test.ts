import { readdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { dataFile, toLines } from '../data/test-support.js';
import type { ExportFormat } from './export-format.js';
import { exportRecords } from './export-records.js';

const corrected = { prompt: 'Why?', response: 'It snowed.', correction: 'It rained.' };
const triple = { criterion: 'factual', prompt: 'When?', context: 'On Monday.', misaligned: 'On Sunday.', aligned: 'On Monday.' };
const identity = { prompt: 'Who?', response: 'They.', correction: 'They.' };
const weightless = { ...corrected, weight: 0 };
const marked = { prompt: 'What is [INIT]?', response: 'A tag.', correction: 'A marker.' };
const all = [corrected, identity, weightless, marked, triple];

async function exported(source: Parameters<typeof exportRecords>[0], format: ExportFormat) {
  const out = await dataFile('out.jsonl', '');
  const counts = await exportRecords(source, { format, out });
  const lines = (await readFile(out, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  return { counts, lines };
}

test.each([
  ['sft-chat', ['messages'], 4, { identities: 0, zeroWeights: 1, markers: 0 }],
  ['preference', ['input', 'preferred_output', 'non_preferred_output'], 3, { identities: 1, zeroWeights: 1, markers: 0 }],
  ['trl-sft', ['prompt', 'completion'], 3, { identities: 0, zeroWeights: 1, markers: 1 }],
  ['trl-preference', ['prompt', 'chosen', 'rejected'], 2, { identities: 1, zeroWeights: 1, markers: 1 }],
] as const)('%s has its fields on every line and counts what it leaves out', async (format, fields, written, leftOut) => {
  const { counts, lines } = await exported(all, format);
  expect(counts).toEqual({ written, leftOut });
  expect(lines.map((line) => Object.keys(line))).toEqual(Array.from({ length: written }, () => fields));
});

test('lines keep the order of files and records', async () => {
  const files = [await dataFile('a.jsonl', toLines(corrected)), await dataFile('b.jsonl.gz', toLines(triple, identity))];
  const { lines } = await exported(files, 'trl-sft');
  expect(lines.map(({ completion }) => completion)).toEqual([' It rained. [DONE]', ' On Monday. [DONE]', ' They. [DONE]']);
});

test('records may come one by one', async () => {
  const source = async function* (): AsyncGenerator<object> {
    yield* all;
  };
  expect((await exported(source(), 'sft-chat')).counts.written).toBe(4);
});

test('a record that is wrong is named and nothing is written', async () => {
  const data = await dataFile('data.jsonl', toLines(corrected, { response: 'secret' }));
  const out = join(dirname(data), 'out.jsonl');
  const failure = expect(exportRecords(data, { format: 'sft-chat', out })).rejects;
  await failure.toMatchObject({ code: 'invalid-dataset', message: expect.stringMatching(/^(?!.*secret).*data\.jsonl line 2.*`correction`/) as string });
  expect(await readdir(dirname(data))).toEqual(['data.jsonl']);
});

test('data of which the format can hold nothing is refused', async () => {
  const out = await dataFile('out.jsonl', 'former');
  await expect(exportRecords([identity], { format: 'preference', out })).rejects.toMatchObject({
    code: 'invalid-dataset',
    message: expect.stringContaining('1 identities') as string,
  });
  expect(await readFile(out, 'utf8')).toBe('former');
});

test('the data is not replaced by naming it as the output', async () => {
  const data = await dataFile('data.jsonl', toLines(corrected));
  const link = join(dirname(data), 'link.jsonl');
  await symlink(data, link);
  for (const [source, out] of [[data, data], [[data], link], [link, data]] as const) {
    await expect(exportRecords(source, { format: 'sft-chat', out })).rejects.toMatchObject({ code: 'invalid-options' });
  }
  expect(await readFile(data, 'utf8')).toBe(toLines(corrected));
});

test.each([
  ['an unknown format', { format: 'secret', out: 'o' }, '`format` must be one of sft-chat, preference, trl-sft, trl-preference'],
  ['no output', { format: 'sft-chat', out: '' }, '`out`'],
  ['an unknown option', { format: 'sft-chat', out: 'o', secret: 1 }, 'unknown key'],
])('%s is refused', async (_what, options, message) => {
  const failure = exportRecords([corrected], options as unknown as Parameters<typeof exportRecords>[1]);
  await expect(failure).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining(message) as string });
  await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as string });
});

test('an abort rejects with its reason', async () => {
  const signal = AbortSignal.abort('enough');
  await expect(exportRecords([corrected], { format: 'sft-chat', out: 'never.jsonl', signal })).rejects.toBe('enough');
});
