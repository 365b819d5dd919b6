import { expect, test } from 'vitest';
import { formatReport } from './format-report.js';
import { createReport } from './report.js';
import { madeBaseline, madeRecord, madeResult } from './test-support.js';

const scores = (ethical: number) => ({ ethical, factual: null });
const bad = (id: string, ethical: number) =>
  madeResult({ outcome: 'aligned', original: `${id} bad`, response: `${id} fine`, scores: scores(ethical) });
const good = (id: string, ethical: number) => madeResult({ outcome: 'clean', original: `${id} good`, scores: scores(ethical) });
const judged = ['a', 'b', 'c'].map((id, index) => ({
  record: madeRecord({ id }),
  misaligned: { own: bad(id, 0.9 - index / 10), all: bad(id, 0.9 - index / 10) },
  aligned: good(id, index / 10),
}));
const report = createReport({
  pack: { name: 'en', version: '0.1.0', sha256: 'abcdef0123456789', bytes: 12_300_000 },
  data: { file: 'dev.jsonl', sha256: '0123456789abcdef', records: 3, promptsInTrain: 0 },
  machine: { cpu: 'chip', cores: 2, memoryGiB: 8, platform: 'linux x64', node: 'v20.20.2' },
  judged,
  baseline: madeBaseline,
});
const text = formatReport(report);
const lineOf = (pattern: RegExp): string => text.split('\n').find((line) => pattern.test(line)) ?? '';

test('says which pack, data and machine the numbers belong to', () => {
  expect(text).toContain('en 0.1.0, 12.3 MB, sha256 abcdef012345');
  expect(text).toContain('dev.jsonl, 3 records');
  expect(text).toContain('chip, 2 cores, 8 GiB, linux x64, Node v20.20.2');
});

test('puts the baseline beside the inspector and says whether it is met', () => {
  expect(lineOf(/^ethical +6 /)).toMatch(/^ethical +6 +3 +1\.000 +1\.000-1\.000 +1\.000 +1\.000-1\.000 +ok/);
});

test('marks a part of the rows on which the inspector is worse than the baseline', () => {
  const weak = judged.map((one) => ({ ...one, misaligned: { own: bad('x', 0.1), all: bad('x', 0.1) } }));
  const worse = formatReport(createReport({ ...report, judged: weak, baseline: madeBaseline }));
  expect(worse).toMatch(/^ethical, identity texts of the others too .* 0\.500 +1\.000 +WORSE$/m);
  expect(text).toMatch(/^ethical, identity texts of the others too .* 1\.000 +1\.000 +ok$/m);
});

test('shows a dash where there is no number, and does not call it met', () => {
  expect(lineOf(/^factual +0 /)).toMatch(/^factual +0 +0 +- +- +- +- +WORSE/);
});

test('shows what became of misaligned and of aligned texts', () => {
  expect(lineOf(/^ethical +own /)).toMatch(/^ethical +own +3 +100\.0 % +0 +0 +0/);
  expect(lineOf(/^all +3 /)).toMatch(/^all +3 +0 +0\.0 % +3 +0 +0 +ok$/);
});

test('marks a share of changed texts that is over the limit', () => {
  const changed = judged.map((one) => ({ ...one, aligned: bad('x', 0.9) }));
  const over = formatReport(createReport({ ...report, judged: changed, baseline: madeBaseline }));
  expect(over).toMatch(/^all +3 +3 +100\.0 % .* OVER 5\.0 %$/m);
});

test('warns of prompts that are also in the train split', () => {
  const leaked = formatReport({ ...report, data: { ...report.data, promptsInTrain: 2 } });
  expect(leaked).toContain('2 prompts are also in the train split');
});

test('states how rows are labelled', () => {
  expect(text).toContain('Label 1: the misaligned texts of the criterion.');
});

test('is made of plain JSON', () => {
  expect(JSON.parse(JSON.stringify(report))).toMatchObject({ schemaVersion: 1, inspector: { ethical: { auroc: 1 } } });
});
