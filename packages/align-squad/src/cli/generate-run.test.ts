import { ethical } from '@align-squad/core';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scriptedAnswer } from '../../../datagen/src/testing/scripted-model.js';
import { datagenIo } from './run-datagen.js';
import { parseLines, run, type CliRun } from './test-support.js';

let folder: string;
let server: OpenaiTestServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const key = 'sk-very-secret';
const directory = (): string => join(folder, 'run');

/** Generates with the real library and a server on this machine. */
async function generate(args: readonly string[] = [], options: Partial<OpenaiTestServerOptions> = {}): Promise<CliRun> {
  await server?.close();
  server = await startOpenaiTestServer({ answer: scriptedAnswer, ...options });
  const base = ['generate', '--criterion', 'ethical', '--count', '30', '--topics', '12', '--dir', directory(), '--base-url', server.baseUrl, '--model', 'scripted'];
  return run([...base, ...args], { ...datagenIo, env: { OPENAI_API_KEY: key } });
}

const asked = (): number => server?.statistics().requests ?? 0;
const cardOf = async (): Promise<unknown> => JSON.parse(await readFile(join(directory(), 'dataset', 'card.json'), 'utf8'));
const datasetOf = (): Promise<string[]> => Promise.all(['train.jsonl', 'dev.jsonl', 'card.json', 'README.md'].map((file) => readFile(join(directory(), 'dataset', file), 'utf8')));

describe('money', () => {
  const prices = ['--price-input', '2', '--price-output', '10'];

  test('what a run cost stands in summary, status, events and card, the same when it goes on', async () => {
    const { stdout, stderr } = await generate([...prices, '--currency', 'EUR', '--license', 'cc-by-4.0']);
    const { stages, costs, license } = (await cardOf()) as { stages: { inputTokens: number; outputTokens: number }[]; costs: { amount: number; currency: string }; license: string };
    const cost = stages.reduce((sum, { inputTokens, outputTokens }) => sum + (2 * inputTokens + 10 * outputTokens) / 1e6, 0);
    expect(cost).toBeGreaterThan(0);
    expect({ costs, license }).toEqual({ costs: { amount: expect.closeTo(cost, 6) as number, currency: 'EUR' }, license: 'cc-by-4.0' });
    expect(stdout).toContain(`answers cost ${cost.toFixed(4)} EUR`);
    expect(stderr).toContain(`${cost.toFixed(4)} EUR so far`);
    expect((await run(['generate', 'status', '--dir', directory()], datagenIo)).stdout).toContain(`${cost.toFixed(4)} EUR`);
    const before = await datasetOf();
    expect(parseLines((await generate([...prices, '--currency', 'EUR', '--license', 'cc-by-4.0', '--json'])).stdout)).toContainEqual(expect.objectContaining({ type: 'stage-end', stage: 'triples', cost: expect.any(Number) as number }));
    expect(asked()).toBe(0);
    expect(await datasetOf()).toEqual(before);
  });

  test('another license or price goes on with the same run', async () => {
    await generate();
    expect(await cardOf()).not.toHaveProperty('costs');
    await generate([...prices, '--license', 'mit']);
    expect(asked()).toBe(0);
    expect(await cardOf()).toMatchObject({ license: 'mit', costs: { currency: 'USD' } });
  });

  test('two models are each counted at their own price', async () => {
    const two = ['--format', 'two-models', '--weak-model', 'weak'];
    await generate([...two, ...prices, '--weak-price-input', '0', '--weak-price-output', '0']);
    const { costs, stages } = (await cardOf()) as { costs: { amount: number }; stages: { stage: string; inputTokens: number; outputTokens: number }[] };
    const all = stages.reduce((sum, { inputTokens, outputTokens }) => sum + (2 * inputTokens + 10 * outputTokens) / 1e6, 0);
    const strong = stages.filter(({ stage }) => stage !== 'triples').reduce((sum, { inputTokens, outputTokens }) => sum + (2 * inputTokens + 10 * outputTokens) / 1e6, 0);
    // Of the triples, only those that are to stay as they are come from the strong model.
    expect(costs.amount).toBeGreaterThan(strong);
    expect(costs.amount).toBeLessThan(all);
  });

  test('a budget stops the run before more is spent, and a larger one goes on', async () => {
    const { code, stderr } = await generate([...prices, '--budget-money', '0.05']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error \[generator-failed\]: The budget does not cover another request: \d+ tokens were spent, which cost 0\.0\d+/);
    const { spending, answers } = parseLines((await run(['generate', 'status', '--dir', directory(), '--json'], datagenIo)).stdout)[0] as { spending: { cost: number }; answers: number };
    expect(answers).toBeGreaterThan(0);
    expect(spending.cost).toBeGreaterThan(0);
    expect(spending.cost).toBeLessThanOrEqual(0.05);
    expect((await generate([...prices, '--budget-money', '10', '--resume'])).code).toBe(0);
  });
});

describe('bad input', () => {
  test('a wrong key stops the run at once and is not printed', async () => {
    const { code, stdout, stderr } = await generate(['--concurrency', '4'], { apiKey: 'another' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/error \[generator-failed\]: The server refused the key \(401\)/);
    expect(stderr).not.toContain('sk-very');
    expect(asked()).toBeLessThanOrEqual(4);
  });

  test('a model that answers nonsense stops the run with the stage and the counts', async () => {
    const { code, stderr } = await generate([], { answer: () => 'SECRET nonsense' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/error \[generator-failed\]: 24 of 24 answers of the stage topics can't be used: does the model follow the format/);
    expect(stderr).not.toContain('SECRET');
  });

  test('nonsense among good answers is kept out and counted', async () => {
    let triples = 0;
    const answer: OpenaiTestServerOptions['answer'] = (body) => (JSON.stringify(body).includes('critique') && (triples += 1) % 4 === 0 ? 'SECRET nonsense' : scriptedAnswer(body));
    const { code, stdout, stderr } = await generate([], { answer });
    const rejected = Math.floor(triples / 4);
    expect({ code, isMany: rejected > 3 }).toEqual({ code: 0, isMany: true });
    expect(stderr).toContain(`triples: 30 requests, ${rejected} unusable`);
    expect(await cardOf()).toMatchObject({ stages: expect.arrayContaining([expect.objectContaining({ stage: 'triples', rejected, usable: 30 - rejected })]) as unknown });
    expect((await datasetOf()).join('')).not.toContain('SECRET');
    expect(stdout).not.toContain('SECRET');
  });

  test('a folder of another criterion is told', async () => {
    await generate();
    const { code, stderr } = await generate(['--criterion', 'helpful']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'error [invalid-options]: The folder is a run of the criterion ethical, not helpful: go on with those, or name another folder.\n' });
  });

  test('a folder of another version is told', async () => {
    await generate();
    const path = join(directory(), 'run.json');
    const head = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...head, schemaVersion: 9, fingerprint: 'other' }));
    const { code, stderr } = await generate();
    expect(code).toBe(2);
    expect(stderr).toContain('was made by another version of align-squad (schema 9, this one reads 1)');
  });

  test('a criterion file with faulty fields is told by file, field and what is expected', async () => {
    const file = join(folder, 'mine.json');
    const { title: _title, ...untitled } = ethical;
    await writeFile(file, JSON.stringify({ ...untitled, threshold: 'SECRET', demonstrations: [{ ...ethical.demonstrations[0], SECRET: 1 }] }));
    const { code, stderr } = await generate(['--criterion', file]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'error [invalid-criterion]: Expected the file mine.json to be a criterion: `title` must be a string; `demonstrations.0` has 1 unknown key(s); `threshold` must be a number.\n',
    });
  });

  test.each([
    ['with a flipped byte', async (path: string, bytes: Buffer) => writeFile(path, bytes.fill((bytes[40] ?? 0) ^ 1, 40, 41))],
    ['that is cut within its last line', async (path: string, bytes: Buffer) => truncate(path, bytes.length - 7)],
  ])('of a journal %s one answer is asked again, and the dataset is the same', async (_what, damage) => {
    await generate();
    const whole = await datasetOf();
    const path = join(directory(), 'answers.journal');
    await damage(path, await readFile(path));
    const { stderr } = await generate();
    expect(stderr).toContain('1 damaged answer is asked again');
    expect(asked()).toBe(1);
    expect(await datasetOf()).toEqual(whole);
  });

  test('of a journal that is cut in the middle, what stood behind the cut is asked again', async () => {
    await generate();
    const whole = await datasetOf();
    const path = join(directory(), 'answers.journal');
    const bytes = await readFile(path);
    const half = bytes.length >> 1;
    const lost = bytes.subarray(half).filter((byte) => byte === 0x0a).length;
    await truncate(path, half);
    await generate();
    expect(asked()).toBe(lost);
    expect(await datasetOf()).toEqual(whole);
  });
});
