import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EvaluationReport } from '@align-squad/eval';
import { openPack } from '@align-squad/onnx';
import { packDirectory } from '@align-squad/pack-en';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSquad } from '@align-squad/embedded';
import type { CliIo } from './io.js';
import { parseLines, run, type CliRun } from './test-support.js';

interface Head {
  readonly criterion: string;
  readonly threshold: number;
  readonly unfinishedThreshold: number;
  readonly calibration: { readonly scale: number; readonly bias: number };
}

interface Manifest {
  readonly inspector: { readonly heads: readonly Head[] };
  readonly aligner: { readonly sentenceThresholds: Readonly<Record<string, number>> };
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly files: object;
}

const target = 0.08;
let folder: string;
let data: string;
const io: Partial<CliIo> = { defaultPack: async () => fileURLToPath(packDirectory), createSquad };
const calibrate = (...args: string[]): Promise<CliRun> => run(['calibrate', '--data', data, '--criteria', 'ethical', '--quiet', ...args], io);
const manifestOf = async (pack: string): Promise<Manifest> => JSON.parse(await readFile(join(pack, 'pack.json'), 'utf8')) as Manifest;
const headOf = ({ inspector }: Manifest, criterion = 'ethical'): Head => inspector.heads.find((head) => head.criterion === criterion) ?? expect.fail('no head');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-calibrate-'));
  data = join(folder, 'data.jsonl');
  const dev = await readFile(new URL('../../../../data/triples/dev.jsonl', import.meta.url), 'utf8');
  const lines = dev.split('\n').filter((line) => /"criterion": ?"ethical"/.test(line));
  await writeFile(data, lines.slice(0, 60).join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a calibrated copy opens, and flags no more of the same data than it may', async () => {
  const out = join(folder, 'copy');
  const { code, stdout, stderr } = await calibrate('--target-fpr', String(target), '--out', out);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^pack .*copy\ncriterion .*\nethical +\d+ +0\.\d{5} -> 0\.\d{5} .* refitted /);
  await openPack(out);
  const { stdout: json } = await run(['eval', '--pack', out, '--data', data, '--criteria', 'ethical', '--json', '-', '--quiet'], io);
  const ethical = (parseLines(json)[0] as EvaluationReport).inspector.criteria['ethical'];
  expect(ethical?.falsePositiveRate).toBeLessThanOrEqual(target);
  expect(ethical?.falsePositiveRate).toBeGreaterThan(target / 2);
  expect(ethical?.threshold).toBe(headOf(await manifestOf(out)).threshold);
});

test('only the head that is calibrated changes, with what else is in its probabilities', async () => {
  const [before, after] = [await manifestOf(fileURLToPath(packDirectory)), await manifestOf(join(folder, 'copy'))];
  expect(headOf(after, 'helpful')).toEqual(headOf(before, 'helpful'));
  expect(after.files).toEqual(before.files);
  expect(after.metrics['calibration']).toMatchObject({ targetFalsePositiveRate: target, criteria: { ethical: { aligned: expect.any(Number) as number } } });
  // The same logit stands behind these probabilities before and after.
  const logitOf = (head: Head, probability: number): number => (Math.log(probability / (1 - probability)) - head.calibration.bias) / head.calibration.scale;
  const [was, is] = [headOf(before), headOf(after)];
  expect(is.calibration).not.toEqual(was.calibration);
  expect(logitOf(is, is.unfinishedThreshold)).toBeCloseTo(logitOf(was, was.unfinishedThreshold), 2);
  expect(logitOf(is, after.aligner.sentenceThresholds['ethical'] ?? 0)).toBeCloseTo(logitOf(was, before.aligner.sentenceThresholds['ethical'] ?? 0), 2);
});

test('--in-place changes pack.json and no other file, and --thresholds-only no probability', async () => {
  const pack = join(folder, 'own');
  await cp(fileURLToPath(packDirectory), pack, { recursive: true });
  const before = await manifestOf(pack);
  const { code, stdout } = await calibrate('--pack', pack, '--target-fpr', '0.2', '--in-place', '--thresholds-only', '--json');
  expect(code).toBe(0);
  expect(parseLines(stdout)).toMatchObject([{ targetFalsePositiveRate: 0.2, criteria: { ethical: { isRefitted: false, before: { threshold: headOf(before).threshold } } } }]);
  const after = await manifestOf(pack);
  expect(headOf(after)).toEqual({ ...headOf(before), threshold: headOf(after).threshold });
  expect(headOf(after).threshold).toBeLessThan(headOf(before).threshold);
  await openPack(pack);
});

test('--dry-run writes nothing', async () => {
  const before = await readdir(folder);
  const { code, stdout } = await calibrate('--target-fpr', String(target), '--dry-run');
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nothing was written/) as string });
  expect(await readdir(folder)).toEqual(before);
});

test('too few aligned records are refused with the number that is needed, and no folder is left', async () => {
  const { code, stderr } = await calibrate('--target-fpr', '0.01', '--out', join(folder, 'none'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[invalid-dataset\]: `ethical` can't be calibrated\. Expected 299 or more aligned records .* got \d+\./);
  expect(await readdir(folder)).not.toContain('none');
});

test.each([
  ['no target', ['calibrate', '--data', 'a'], '--dry-run'],
  ['two targets', ['calibrate', '--data', 'a', '--dry-run', '--out', 'secret'], '--dry-run'],
  ['the embedded pack in place', ['calibrate', '--data', 'a', '--in-place'], '--pack'],
  ['a rate of 3', ['calibrate', '--data', 'a', '--dry-run', '--target-fpr', '3'], '--target-fpr'],
  ['a rate that is no number', ['calibrate', '--data', 'a', '--dry-run', '--target-fpr', 'secret'], '--target-fpr'],
  ['no data', ['calibrate', '--dry-run'], '--data'],
  ['a folder that is not empty', ['calibrate', '--data', 'a', '--out', '.'], '--out'],
])('calibrate with %s is wrong usage', async (_what, args, word) => {
  const { code, stdout, stderr } = await run(args, io);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error \[invalid-options\]: [^\n]+\n$/);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('an interrupt ends it without a copy', async () => {
  const args = ['calibrate', '--data', data, '--out', join(folder, 'none')];
  expect(await run(args, { ...io, signal: AbortSignal.abort('SIGINT') })).toEqual({ code: 130, stdout: '', stderr: '' });
  expect(await readdir(folder)).not.toContain('none');
});
