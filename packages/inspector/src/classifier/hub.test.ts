import { getEventListeners, once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdtemp } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from '@huggingface/transformers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClassifierInspector } from './classifier-inspector.js';
import type { ClassifierInspectorOptions } from './options.js';
import { writeTinyClassifier } from './test-support.js';

const labels = { safe: { misaligned: ['harm'] } };
const faulty = { response: 'It can harm you.' };

let folder: string;
let cache: string;
let server: Server;
let seen: { readonly path: string; readonly authorization: string | undefined }[];
let answer: (path: string, request: IncomingMessage) => Promise<Uint8Array | number | 'hang' | 'break'>;

/** The hub's address of a file, or undefined where it is none. */
const fileOf = (path: string): string | undefined => /^\/hub\/ann\/tiny\/resolve\/(?:main|v2)\/(.+)$/u.exec(path)?.[1];
const serveFiles: typeof answer = async (path) => {
  const file = fileOf(path);
  return file === undefined ? 404 : readFile(join(folder, file)).catch(() => 404);
};

beforeAll(async () => {
  folder = await writeTinyClassifier();
  server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({ path, authorization: request.headers.authorization });
    void answer(path, request).then((body) => {
      if (body === 'hang') return response.writeHead(200, { 'content-length': '1000' }).write('{');
      if (body === 'break') return response.writeHead(200, { 'content-length': '1000' }).write('{', () => request.destroy());
      if (typeof body === 'number') return response.writeHead(body).end();
      return response.writeHead(200, { 'content-length': String(body.length) }).end(body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'align-squad-hub-'));
  seen = [];
  answer = serveFiles;
});

afterEach(() => rm(cache, { recursive: true }));

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  HF_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hub`, HF_HUB_CACHE: cache, ...more,
});
const create = (more: Partial<ClassifierInspectorOptions> = {}) => createClassifierInspector({ model: 'ann/tiny', labels, environment: environment(), ...more });
const cached = async (): Promise<string[]> => (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name).sort();

test('a model is downloaded from HF_ENDPOINT into HF_HUB_CACHE, once', async () => {
  await using first = await create();
  expect(await first.inspect([faulty])).toMatchObject([{ safe: { status: 'flag' } }]);
  expect(seen.map(({ path }) => fileOf(path))).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx']));
  expect(await cached()).toEqual(['config.json', 'model.onnx', 'tokenizer.json', 'tokenizer_config.json']);
  seen = [];
  await using second = await create();
  expect(await second.inspect([faulty])).toMatchObject([{ safe: { status: 'flag' } }]);
  expect(seen).toEqual([]);
});

test('a revision is asked for by its name, and a type of weights by its file', async () => {
  await expect(create({ revision: 'v2', dtype: 'q8' })).rejects.toMatchObject({ code: 'model-invalid' });
  expect(seen.map(({ path }) => path)).toContain('/hub/ann/tiny/resolve/v2/onnx/model_quantized.onnx');
});

test.each(['1', 'true', 'ON'])('with HF_HUB_OFFLINE=%s nothing is requested', async (HF_HUB_OFFLINE) => {
  const offline = { environment: environment({ HF_HUB_OFFLINE }) };
  await expect(create(offline)).rejects.toMatchObject({ code: 'model-invalid', message: expect.stringContaining('HF_HUB_OFFLINE') });
  expect(seen).toEqual([]);
  await (await create()).dispose();
  seen = [];
  await using inspector = await create(offline);
  expect(await inspector.inspect([faulty])).toMatchObject([{ safe: { status: 'flag' } }]);
  expect(seen).toEqual([]);
});

test.each([[{ HF_TOKEN: 'hf_secret' }, 'Bearer hf_secret'], [{}, undefined]])('with %j the token that is sent is %s', async (more, expected) => {
  await using _inspector = await create({ environment: environment(more) });
  expect(seen.length).toBeGreaterThan(3);
  expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([expected]));
});

describe('global settings of transformers.js', () => {
  test.each<[string, typeof answer]>([['that loads', serveFiles], ['that fails', async () => 500]])('are put back after a download %s', async (_name, served) => {
    answer = served;
    const before = { ...env };
    await create().then((inspector) => inspector.dispose(), () => undefined);
    expect(seen.length).toBeGreaterThan(0);
    expect({ ...env }).toEqual(before);
  });

  test('do not mix where two hubs are asked at a time', async () => {
    const other = await mkdtemp(join(tmpdir(), 'align-squad-hub-'));
    const nowhere = { HF_ENDPOINT: `${environment().HF_ENDPOINT}/nowhere`, HF_HUB_CACHE: other };
    const [found, missing] = await Promise.allSettled([create(), create({ environment: nowhere })]);
    expect([found.status, missing.status]).toEqual(['fulfilled', 'rejected']);
    if (found.status === 'fulfilled') await found.value.dispose();
    expect(await readdir(other)).toEqual([]);
    await rm(other, { recursive: true });
  });
});

describe('a hub that fails', () => {
  test.each<[string, typeof answer]>([
    ['has no such model', async () => 404],
    ['wants a token', async () => 401],
    ['is down', async () => 503],
    ['sends garbage', async () => Buffer.from('<html>not found</html>')],
    ['sends nothing', async () => new Uint8Array()],
    ['breaks off', async (path, request) => (fileOf(path) === 'onnx/model.onnx' ? 'break' : serveFiles(path, request))],
  ])('as it %s gives model-invalid, without the token', async (_name, served) => {
    answer = served;
    const error: unknown = await create({ environment: environment({ HF_TOKEN: 'hf_secret' }) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'model-invalid', cause: expect.anything() });
    expect(JSON.stringify([String(error), String((error as Error).cause)])).not.toContain('hf_secret');
  });

  test('and broke off is asked again, as nothing of the file was kept', async () => {
    answer = async (path, request) => (fileOf(path) === 'onnx/model.onnx' ? 'break' : serveFiles(path, request));
    await expect(create()).rejects.toMatchObject({ code: 'model-invalid' });
    expect(await cached()).not.toContain('model.onnx');
    answer = serveFiles;
    await using inspector = await create();
    expect(await inspector.inspect([faulty])).toMatchObject([{ safe: { status: 'flag' } }]);
  });

  test('as it hangs ends with the signal, also for those that wait for their turn', async () => {
    answer = async () => 'hang';
    const controllers = [new AbortController(), new AbortController()] as const;
    const [first, second] = controllers.map(({ signal }) => create({ signal }).catch((reason: unknown) => reason));
    setTimeout(() => controllers[1].abort('second'), 50);
    expect(await second).toBe('second');
    controllers[0].abort('first');
    expect(await first).toBe('first');
    for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
    answer = serveFiles;
    await using inspector = await create();
    expect(inspector.criteria).toEqual(['safe']);
  });
});
