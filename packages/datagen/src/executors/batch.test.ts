import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChatRequestBody } from '@align-squad/llm/testing';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { answeredLine } from '@align-squad/llm/testing';
import { createBatchExecutor, type ApiBatchOptions, type FilesBatchOptions } from './batch.js';
import { toChatBody } from './chat-completion.js';
import { executorStopOf, ExecutorStopError } from './executor-stop.js';
import type { DatagenRequest } from './request.js';
import { collect, requestOf, requestsOf, stream, visibleText } from './test-support.js';

let folder: string;
let server: OpenaiTestServer | undefined;
const key = 'sk-very-secret';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-batch-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const files = (options: Partial<FilesBatchOptions> = {}) => createBatchExecutor({ mode: 'files', folder, ...options });

async function api(options: Partial<OpenaiTestServerOptions> = {}, executor: Partial<ApiBatchOptions> = {}) {
  server ??= await startOpenaiTestServer({ answer: (body) => `answer to ${String(body.messages[0]?.content)}`, ...options });
  return createBatchExecutor({ mode: 'api', folder, baseUrl: server.baseUrl, apiKey: key, pollMs: 5, retryDelayMs: 2, ...executor });
}

const linesOf = async (name: string): Promise<readonly string[]> => (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '');

/** Answers a requests file as `vllm run-batch` does. */
async function answerFile(number: string, change: (lines: readonly string[]) => readonly string[] = (lines) => lines): Promise<void> {
  const lines = (await linesOf(`requests-${number}.jsonl`)).map((line) => answeredLine(JSON.parse(line) as { custom_id: string; body: ChatRequestBody }, 'yes'));
  await writeFile(join(folder, `responses-${number}.jsonl`), change(lines).join('\n'));
}

const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id).sort();

test('request files are in the format of the OpenAI Batch API, within the limits, and of one model each', async () => {
  const requests = [...requestsOf(5), requestOf('other', { model: 'weak' })];
  await collect(files({ limits: { requests: 3 } }).run(stream(requests), {}));
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(['requests-0001.jsonl', 'requests-0002.jsonl', 'requests-0003.jsonl']);
  const written = await Promise.all(names.map(linesOf));
  expect(written.map((lines) => lines.length)).toEqual([3, 2, 1]);
  expect(written.flat().map((line) => JSON.parse(line) as unknown)).toEqual(
    requests.map(({ id, body }) => ({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: toChatBody(body) })),
  );
});

test('request files can name the limit of tokens as newer models want it', async () => {
  const request = requestOf('a');
  await collect(files({ maxTokensField: 'max_completion_tokens' }).run(stream([request]), {}));
  const [line = ''] = await linesOf('requests-0001.jsonl');
  const { body, custom_id } = JSON.parse(line) as { readonly body: ChatRequestBody; readonly custom_id: string };
  expect({ custom_id, most: body.max_completion_tokens, isOld: 'max_tokens' in body }).toEqual({ custom_id: request.id, most: 64, isOld: false });
});

test('a file ends before its bytes are too many, and a request that is alone too large fails', async () => {
  const large = requestOf('x'.repeat(2000));
  const { answers } = await collect(files({ limits: { bytes: 1000 } }).run(stream([...requestsOf(20), large]), {}));
  expect(answers).toEqual([{ id: large.id, ok: false, reason: 'too-large' }]);
  const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await readFile(join(folder, name))).length));
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
});

test('files without responses end the run with what to do', async () => {
  const { answers, error } = await collect(files({ limits: { requests: 2 } }).run(stream(requestsOf(3)), {}));
  expect(answers).toEqual([]);
  expect(executorStopOf(error)).toBe('responses-missing');
  expect((error as ExecutorStopError).files).toEqual([join(folder, 'requests-0001.jsonl'), join(folder, 'requests-0002.jsonl')]);
  expect((error as ExecutorStopError).message).toMatch(/^3 requests in 2 files .*vllm run-batch -i requests-0001.jsonl -o responses-0001.jsonl/);
});

test('it goes on when the responses are there, and asks nothing twice', async () => {
  const requests = requestsOf(5);
  const run = () => collect(files({ limits: { requests: 2 } }).run(stream(requests), {}));
  await run();
  await answerFile('0001');
  const second = await run();
  expect(idsOf(second.answers)).toEqual(idsOf(requests.slice(0, 2)));
  expect((second.error as ExecutorStopError).files).toHaveLength(2);
  await answerFile('0002');
  // An answer that comes in two files is given once.
  await answerFile('0003', (lines) => [...lines, ...lines]);
  const third = await run();
  expect([idsOf(third.answers), third.error]).toEqual([idsOf(requests), undefined]);
  expect(third.answers[0]).toMatchObject({ ok: true, text: 'yes', isComplete: true, usage: { output: 1 } });
  expect((await readdir(folder)).filter((name) => name.startsWith('requests'))).toHaveLength(3);
});

test('responses that were cut off are still missing', async () => {
  const requests = requestsOf(3);
  await collect(files().run(stream(requests), {}));
  await answerFile('0001', (lines) => [lines[0] ?? '', (lines[1] ?? '').slice(0, 80)]);
  const { answers, error } = await collect(files().run(stream(requests), {}));
  expect(idsOf(answers)).toEqual(idsOf(requests.slice(0, 1)));
  expect((error as ExecutorStopError).message).toMatch(/^2 requests in 1 files/);
});

test.each([
  [{ error: { code: 'invalid_request', message: 'private' }, response: null }, 'batch-error'],
  [{ error: null, response: { status_code: 400, body: { error: { message: 'private' } } } }, 'http-400'],
  [{ error: null, response: { status_code: 200, body: 'private' } }, 'malformed'],
  [{ error: null, response: { status_code: 200, body: { choices: [{ message: { content: null }, finish_reason: 'stop' }] } } }, 'no-text'],
])('the line %j is the failure %s', async (line, reason) => {
  const request = requestOf('a');
  await writeFile(join(folder, 'responses-all.jsonl'), JSON.stringify({ custom_id: request.id, ...line }));
  expect(await collect(files().run(stream([request]), {}))).toEqual({ answers: [{ id: request.id, ok: false, reason }], error: undefined });
});

test('an aborted run leaves no file and rejects with the reason, also when its requests are stuck', async () => {
  const controller = new AbortController();
  async function* stuck(): AsyncGenerator<DatagenRequest> {
    yield requestOf('a');
    await new Promise<never>(() => undefined);
  }
  const next = files().run(stuck(), { signal: controller.signal }).next();
  await expect.poll(() => readdir(folder)).toEqual(['requests-0001.jsonl.part']);
  controller.abort('enough');
  await expect(next).rejects.toBe('enough');
  expect(await readdir(folder)).toEqual([]);
});

test('the API gets the files and its answers are merged, each once', async () => {
  const executor = await api({}, { limits: { requests: 4 } });
  const requests = requestsOf(10);
  const { answers, error } = await collect(executor.run(stream(requests), {}));
  expect([idsOf(answers), error]).toEqual([idsOf(requests), undefined]);
  expect(answers.every((answer) => answer.ok && answer.text.startsWith('answer to question'))).toBe(true);
  expect(server?.statistics()).toMatchObject({ answered: 10, mostAnswersOfABody: 1 });
  expect(server?.batches.batches).toBe(3);
  // All over again: the folder has it all.
  expect(idsOf((await collect(executor.run(stream(requests), {}))).answers)).toEqual(idsOf(requests));
  expect(server?.batches.batches).toBe(3);
});

test('a stopped run finds its batches again', async () => {
  const executor = await api({ batchPolls: 20 });
  const requests = requestsOf(3);
  const controller = new AbortController();
  const next = executor.run(stream(requests), { signal: controller.signal }).next();
  await expect.poll(() => server?.batches.batches).toBe(1);
  controller.abort('enough');
  await expect(next).rejects.toBe('enough');
  expect(idsOf((await collect((await api()).run(stream(requests), {}))).answers)).toEqual(idsOf(requests));
  expect(server?.batches.batches).toBe(1);
});

test('a batch whose creation was answered with a broken connection is not created twice', async () => {
  let isBroken = false;
  const breaking: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    if (!String(url).endsWith('/batches') || isBroken) return response;
    isBroken = true;
    throw new TypeError('fetch failed');
  };
  const executor = await api({}, { fetch: breaking });
  expect((await collect(executor.run(stream(requestsOf(3)), {}))).answers).toHaveLength(3);
  expect([isBroken, server?.batches.batches]).toEqual([true, 1]);
});

test('failed lines are failures; expired and lost ones are asked again in the next run', async () => {
  let isFirst = true;
  const faults = { 'question 0': 'server-error', 'question 1': 'expired', 'question 2': 'missing' } as const;
  const batchFault: OpenaiTestServerOptions['batchFault'] = (body) => (isFirst ? faults[String(body.messages[0]?.content) as keyof typeof faults] : undefined);
  const requests = requestsOf(5);
  const first = await collect((await api({ batchFault })).run(stream(requests), {}));
  expect(idsOf(first.answers)).toEqual(idsOf(requests.filter((_, index) => index !== 1 && index !== 2)));
  expect(first.answers.find(({ id }) => id === requests[0]?.id)).toEqual({ id: requests[0]?.id, ok: false, reason: 'http-500' });
  expect(executorStopOf(first.error)).toBe('batch-failed');
  isFirst = false;
  const second = await collect((await api()).run(stream(requests), {}));
  expect([idsOf(second.answers), second.error]).toEqual([idsOf(requests), undefined]);
  expect(await linesOf('requests-0002.jsonl')).toHaveLength(2);
  expect(server?.statistics()).toMatchObject({ answered: 4, mostAnswersOfABody: 1 });
});

test('a batch that the service refuses ends the run by its code, after the others', async () => {
  const requests = requestsOf(2);
  await collect(files({ limits: { requests: 1 } }).run(stream(requests), {}));
  // Made by hand: two models in one file.
  const [line = ''] = await linesOf('requests-0001.jsonl');
  await writeFile(join(folder, 'requests-0001.jsonl'), `${line}\n${line.replace('"model":"m"', '"model":"n"')}\n`);
  const { answers, error } = await collect((await api()).run(stream(requests), {}));
  expect(idsOf(answers)).toEqual(idsOf(requests.slice(1)));
  expect(executorStopOf(error)).toBe('batch-failed');
  expect((error as ExecutorStopError).message).toContain('(mismatched_model)');
});

test('a refused key stops the run without a word of it', async () => {
  const executor = await api({ apiKey: 'another' });
  const { error } = await collect(executor.run(stream(requestsOf(2)), {}));
  expect(executorStopOf(error)).toBe('unauthorized');
  expect(visibleText(error)).not.toContain(key);
});

test('calls that fail are repeated, and once too often the run can be gone on with', async () => {
  const seen = new Set<string>();
  const failing: typeof fetch = async (url, init) => {
    const call = `${init?.method} ${String(url)}`;
    if (seen.has(call)) return fetch(url, init);
    seen.add(call);
    return Response.json({}, { status: 503 });
  };
  expect((await collect((await api({}, { fetch: failing })).run(stream(requestsOf(2)), {}))).answers).toHaveLength(2);
  const broken = await api({}, { fetch: async () => Response.json({}, { status: 503 }), maxRetries: 1 });
  const { error } = await collect(broken.run(stream([requestOf('new')]), {}));
  expect(executorStopOf(error)).toBe('batch-failed');
  expect((error as ExecutorStopError).message).toContain('(http-503)');
});

test('faulty options are named', () => {
  expect(() => createBatchExecutor({ mode: 'api', folder } as ApiBatchOptions)).toThrow(/`baseUrl` must be a string/);
});
