import { startOpenaiTestServer } from '@align-squad/llm/testing';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scriptedAnswer } from '../../../datagen/src/testing/scripted-model.js';
import type { CliIo } from './io.js';
import { datagenIo } from './run-datagen.js';
import { run } from './test-support.js';
import type { WorkRequest } from './worker-command.js';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('generate worker', () => {
  const working = ['generate', 'worker', '--redis', 'redis://127.0.0.1:1', '--base-url', 'http://127.0.0.1:1/v1'];

  test('hands its options on and tells what it answered', async () => {
    const seen: WorkRequest[] = [];
    const work: CliIo['work'] = async (request, { signal, onAnswer }) => {
      seen.push(request);
      onAnswer({ id: 'a', ok: true, text: 'SECRET', isComplete: true, usage: { input: 30, output: 12 } });
      onAnswer({ id: 'b', ok: false, reason: 'http-500' });
      signal.throwIfAborted();
      throw new DOMException('over', 'AbortError');
    };
    const stop = new AbortController();
    stop.abort('SIGINT');
    const { code, stdout, stderr } = await run([...working, '--queue', 'q', '--concurrency', '7'], { work, signal: stop.signal, env: { OPENAI_API_KEY: 'a key' } });
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'worker: answers the requests of the queue until it is stopped\n1 answered, 1 failed, 42 tokens\n' });
    expect(seen).toEqual([{ redisUrl: 'redis://127.0.0.1:1', queue: 'q', executor: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'a key', concurrency: 7 } }]);
  });

  test.each([
    ['no Redis', ['generate', 'worker', '--base-url', 'http://127.0.0.1:1/v1'], '--redis'],
    ['no server', working.slice(0, 4), '--base-url'],
    ['an option of a run', [...working, '--criterion', 'secret'], 'an unknown option'],
    ['an address that is none of Redis', ['generate', 'worker', '--redis', 'http://user:secret@host', '--base-url', 'http://127.0.0.1:1/v1'], 'redisUrl'],
  ])('with %s is wrong usage', async (_what, args, word) => {
    const { code, stderr } = await run(args, { work: datagenIo.work });
    expect(code).toBe(2);
    expect(stderr).toContain(word);
    expect(stderr).not.toContain('secret');
  });

  test('without Redis it ends with what is wrong and no password', async () => {
    const { code, stderr } = await run(['generate', 'worker', '--redis', `redis://user:secret@127.0.0.1:${await freePort()}`, '--base-url', 'http://127.0.0.1:1/v1'], { work: datagenIo.work });
    expect(code).toBe(1);
    expect(stderr).toContain('No connection to Redis at 127.0.0.1');
    expect(stderr).not.toContain('secret');
  });
});

describe.skipIf(!hasRedis)(`generate --executor queue${hasRedis ? '' : ' (skipped: no redis-server on the PATH)'}`, () => {
  let folder: string;
  let redisUrl: string;
  let redis: ChildProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'align-squad-queue-'));
    const port = await freePort();
    const started = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--requirepass', 'pass-word'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) => started.stdout.on('data', (data: Buffer) => data.toString().includes('Ready to accept') && resolve()));
    redis = started;
    redisUrl = `redis://:pass-word@127.0.0.1:${port}`;
  });
  afterAll(async () => {
    redis.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  test('two workers answer a run, and its dataset is that of a run which asks the server itself', async () => {
    await using server = await startOpenaiTestServer({ answer: scriptedAnswer, latencyMs: 10 });
    const generating = (directory: string): string[] => ['generate', '--criterion', 'ethical', '--count', '30', '--topics', '12', '--dir', join(folder, directory), '--model', 'scripted'];
    const stop = new AbortController();
    const io = { ...datagenIo, env: { REDIS_URL: redisUrl } };
    const workers = [1, 2].map(() => run(['generate', 'worker', '--base-url', server.baseUrl, '--concurrency', '4'], { ...io, signal: stop.signal }));
    expect(await run([...generating('queue'), '--executor', 'queue'], io)).toMatchObject({ code: 0 });
    stop.abort('SIGTERM');
    const ended = await Promise.all(workers);
    expect(ended.map(({ code }) => code)).toEqual([143, 143]);
    const { answered, bodies } = server.statistics();
    const told = ended.map(({ stderr }) => Number(/(\d+) answered, 0 failed/.exec(stderr)?.[1]));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(answered);
    expect({ answered, isShared: Math.min(...told) > 0 }).toEqual({ answered: bodies, isShared: true });
    expect(ended.map(({ stderr }) => stderr).join('')).not.toContain('pass-word');
    await run([...generating('online'), '--base-url', server.baseUrl], io);
    const trainOf = (directory: string): Promise<string> => readFile(join(folder, directory, 'dataset', 'train.jsonl'), 'utf8');
    expect(await trainOf('queue')).toBe(await trainOf('online'));
  });
});
