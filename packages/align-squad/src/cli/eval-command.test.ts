import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { EvaluationReport } from '@align-squad/eval';
import { packDirectory } from '@align-squad/pack-en';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSquad } from '@align-squad/embedded';
import { createSquadFrom, doubleModels } from '@align-squad/embedded/testing';
import type { CliIo } from './io.js';
import { parseLines, run, type CliRun } from './test-support.js';

let folder: string;
let data: string;
// The embedded pack says which pack it is; the models are doubles.
const io: Partial<CliIo> = {
  defaultPack: async () => fileURLToPath(packDirectory),
  createSquad: (options) => createSquadFrom(options, async () => doubleModels()),
};
const evaluate = (...args: string[]): Promise<CliRun> => run(['eval', '--data', data, ...args], io);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-eval-'));
  data = join(folder, 'data.jsonl');
  const triple = (id: string, criterion: string, misaligned: string, aligned: string): string => JSON.stringify({ id, criterion, prompt: id, misaligned, aligned });
  const lines = [
    triple('a', 'ethical', 'RUDE <script>alert(1)</script>', 'Nice.'),
    triple('b', 'ethical', 'RUDE too.', 'Nice too.'),
    triple('c', 'helpful', 'DULL.', 'Bright.'),
    triple('d', 'clean', 'Fine.', 'Fine.'),
  ];
  await writeFile(data, `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'data.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`));
  await mkdir(join(folder, 'out'));
});
afterAll(() => rm(folder, { recursive: true }));

test('eval prints the main numbers, and its progress on stderr', async () => {
  const { code, stdout, stderr } = await evaluate();
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'inspector: 7 texts\nsquad: 7 texts\n' });
  expect(stdout).toMatch(/^ethical +5 +2 +1\.000 /m);
  expect(stdout).toMatch(/^all +3 +66\.7 % /m);
  expect(stdout).not.toContain('RUDE');
});

test('--quiet shows no progress', async () => {
  expect((await evaluate('--quiet')).stderr).toBe('');
});

test('--json - prints the report as one line, without a text of the data', async () => {
  const { stdout } = await evaluate('--json', '-', '--quiet');
  const [report] = parseLines(stdout) as [EvaluationReport];
  expect(report).toMatchObject({
    schemaVersion: 1,
    pack: { name: '@align-squad/pack-en' },
    data: { files: ['data.jsonl'], rows: 7 },
    inspector: { criteria: { ethical: { auroc: 1, recall: 1 }, helpful: { auroc: 1 } } },
    squad: { misaligned: { texts: 3, outcomes: { aligned: 2, unfixed: 1 } }, aligned: { texts: 4, changed: 0 }, samples: [] },
  });
  expect(stdout).not.toContain('RUDE');
});

test('--html writes a page that shows texts as text', async () => {
  const [html, json] = [join(folder, 'out', 'report.html'), join(folder, 'out', 'report.json')];
  expect((await evaluate('--html', html, '--json', json)).code).toBe(0);
  const page = await readFile(html, 'utf8');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script');
  expect((JSON.parse(await readFile(json, 'utf8')) as EvaluationReport).squad?.samples).toHaveLength(3);
});

test('reads gzipped data, several files and the first records only', async () => {
  const zipped = join(folder, 'data.jsonl.gz');
  const rowsOf = async (...args: string[]): Promise<number> => (parseLines((await run(['eval', ...args, '--json', '-'], io)).stdout)[0] as EvaluationReport).data.rows;
  expect(await rowsOf('--data', zipped)).toBe(7);
  expect(await rowsOf('--data', data, zipped)).toBe(14);
  expect(await rowsOf('--data', data, '--limit', '2')).toBe(4);
});

test('--criteria leaves the others out, and gives a label without a criterion its own', async () => {
  const labelled = join(folder, 'labelled.jsonl');
  await writeFile(labelled, '{"response":"RUDE","label":1}\n{"response":"nice","label":0}\n');
  const { stdout } = await run(['eval', '--data', labelled, '--criteria', 'ethical', '--json', '-'], io);
  const [report] = parseLines(stdout) as [EvaluationReport];
  expect(Object.keys(report.inspector.criteria)).toEqual(['ethical']);
  expect(report.inspector.criteria['ethical']).toMatchObject({ rows: 2, auroc: 1 });
});

test.each([
  ['no data', ['eval'], 2, '--data'],
  ['a limit of 0', ['eval', '--data', 'a', '--limit', '0'], 2, '--limit'],
  ['samples that are no number', ['eval', '--data', 'a', '--samples', 'secret'], 2, '--samples'],
  ['criteria that are blank', ['eval', '--data', 'a', '--criteria', 'x,'], 2, '--criteria'],
  ['a page on stdout', ['eval', '--data', 'a', '--html', '-'], 2, '--html'],
  ['a page in no folder', ['eval', '--data', 'a', '--html', '/no/secret/x.html'], 2, '--html'],
  ['data that is not there', ['eval', '--data', '/no/a.jsonl'], 2, 'a.jsonl'],
  ['an argument too many', ['eval', 'secret'], 2, 'only options'],
  ['a pack that is not there', ['eval', '--data', 'a', '--pack', '/no'], 1, 'pack'],
])('eval with %s ends with its code', async (_what, args, code, word) => {
  const { stderr, ...rest } = await run(args, io);
  expect(rest).toEqual({ code, stdout: '' });
  expect(stderr).toMatch(/^error \[[a-z-]+\]: [^\n]+\n$/);
  expect(stderr).toContain(word);
  expect(stderr).not.toContain('secret');
});

test('a line that is wrong is told by its number, and no file is left', async () => {
  const broken = join(folder, 'broken.jsonl');
  await writeFile(broken, '{"response":"secret"}\n');
  const { code, stderr } = await run(['eval', '--data', broken, '--json', join(folder, 'out', 'none.json')], io);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error \[invalid-dataset\]: .*broken\.jsonl line 1/);
  expect(stderr).not.toContain('secret');
  expect(await readdir(join(folder, 'out'))).not.toContain('none.json');
});

test('an unknown criterion is refused before any work', async () => {
  const { code, stderr } = await evaluate('--criteria', 'other');
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error \[unknown-criterion\]/) as string });
});

test('an interrupt ends it', async () => {
  expect(await run(['eval', '--data', data], { ...io, signal: AbortSignal.abort('SIGINT') })).toEqual({ code: 130, stdout: '', stderr: '' });
});

test('the embedded pack has a report over a few triples of the dev split', async () => {
  const dev = fileURLToPath(new URL('../../../../data/triples/dev.jsonl', import.meta.url));
  const html = join(folder, 'out', 'dev.html');
  const { code, stdout, stderr } = await run(['eval', '--data', dev, '--limit', '25', '--html', html, '--json', '-', '--quiet'], { ...io, createSquad });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [{ inspector, squad }] = parseLines(stdout) as [EvaluationReport];
  expect(inspector.criteria['ethical']?.auroc).toBeGreaterThan(0.7);
  expect(squad?.misaligned.texts).toBeGreaterThan(10);
  expect(squad?.samples).toHaveLength(10);
  expect(await readFile(html, 'utf8')).toContain('</html>');
});
