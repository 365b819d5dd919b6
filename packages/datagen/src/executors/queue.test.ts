import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Executor } from './executor.js';
import { executorStopOf } from './executor-stop.js';
import { createQueueExecutor, type QueueExecutorOptions } from './queue.js';
import { runQueueWorker, type QueueWorkerOptions } from './queue-worker.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';
import { collect, requestOf, requestsOf, stream, visibleText } from './test-support.js';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
let redisUrl = '';
let server: ChildProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), 'queue-test-'));

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function startRedis(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--requirepass', 'pass-word'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve) => child.stdout.on('data', (data: Buffer) => data.toString().includes('Ready to accept') && resolve()));
  return { url: `redis://:pass-word@127.0.0.1:${port}`, child };
}

beforeAll(async () => {
  if (hasRedis) ({ url: redisUrl, child: server } = await startRedis());
});

afterAll(() => {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Answers each request and puts its id to `asked` before; one that `isStuck` gives nothing until its end. */
function scripted(asked: string[], { delayMs = 0, isStuck = false }: { readonly delayMs?: number; readonly isStuck?: boolean } = {}): Executor {
  return {
    name: 'scripted',
    async *run(requests, { signal }): AsyncGenerator<DatagenAnswer> {
      for await (const { id } of requests) {
        asked.push(id);
        if (isStuck) await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        yield { id, ok: true, text: `answer ${id}`, isComplete: true, usage: { input: 1, output: 1 } };
      }
    },
  };
}

/** A worker that ends with the test, or when `end` is called. */
function startWorker(queue: string, executor: Executor, options: Partial<QueueWorkerOptions> = {}): () => Promise<unknown> {
  const controller = new AbortController();
  const ended = runQueueWorker({ redisUrl, queue, executor, lockMs: 500, concurrency: 4, ...options, signal: controller.signal }).catch((error: unknown) => error);
  const end = (): Promise<unknown> => {
    controller.abort(new DOMException('over', 'AbortError'));
    return ended;
  };
  onTestFinished(async () => void (await end()));
  return end;
}

const run = (queue: string, requests: AsyncIterable<DatagenRequest>, { signal, ...options }: Partial<QueueExecutorOptions> & { readonly signal?: AbortSignal } = {}): AsyncGenerator<DatagenAnswer> =>
  createQueueExecutor({ redisUrl, queue, sweepMs: 200, ...options }).run(requests, { signal });

const idsOf = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id).sort();

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Waits until so many jobs of a queue are in a state. */
async function untilJobs(name: string, state: 'waiting' | 'completed', count: number): Promise<void> {
  const queue = new Queue(name, { connection: { url: redisUrl } });
  while ((await queue.getJobCountByTypes(state)) < count) await new Promise((resolve) => setTimeout(resolve, 10));
  await queue.close();
}

describe.skipIf(!hasRedis)(`queue executor${hasRedis ? '' : ' (skipped: no redis-server on the PATH)'}`, () => {
  test('two workers answer 200 requests of two producers, each asked once', async () => {
    const asked: readonly string[][] = [[], []];
    // On a busy machine a short lock ends before its worker tells of itself, and the job is asked again.
    for (const mine of asked) startWorker('many', scripted(mine, { delayMs: 1 }), { lockMs: 30_000 });
    const requests = requestsOf(200);
    const runs = await Promise.all([collect(run('many', stream(requests), { maxWaiting: 32 })), collect(run('many', stream(requests)))]);
    for (const { answers, error } of runs) {
      expect(error).toBeUndefined();
      expect(idsOf(answers)).toEqual(idsOf(requests));
    }
    expect(asked.flat().sort()).toEqual(idsOf(requests));
    expect(Math.min(...asked.map(({ length }) => length))).toBeGreaterThan(0);
  });

  test('no more requests are read than may wait', async () => {
    let read = 0;
    const controller = new AbortController();
    const collected = collect(run('bounded', stream(requestsOf(50), (count) => (read = count)), { maxWaiting: 5, signal: controller.signal }));
    await until(() => read === 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(read).toBe(5);
    controller.abort();
    await collected;
  });

  test('a producer that starts again gets what was answered meanwhile, and asks nothing twice', async () => {
    const asked: string[] = [];
    const requests = requestsOf(30);
    const controller = new AbortController();
    const reason = new DOMException('killed', 'AbortError');
    const first = collect(run('again', stream(requests), { signal: controller.signal }));
    await untilJobs('again', 'waiting', 30);
    const abortedAt = performance.now();
    controller.abort(reason);
    expect((await first).error).toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    const end = startWorker('again', scripted(asked));
    await untilJobs('again', 'completed', 30);
    await end();
    // No worker runs now, so each answer comes from what was kept.
    expect(idsOf((await collect(run('again', stream(requests)))).answers)).toEqual(idsOf(requests));
    expect(asked.sort()).toEqual(idsOf(requests));
  });

  test('answers go some time after they were read, failures at once', async () => {
    const failing: Executor = {
      name: 'failing',
      async *run(requests): AsyncGenerator<DatagenAnswer> {
        for await (const { id } of requests) yield { id, ok: false, reason: 'http-400' };
      },
    };
    const end = startWorker('kept', failing);
    expect((await collect(run('kept', stream([requestOf('bad')])))).answers).toEqual([{ id: requestOf('bad').id, ok: false, reason: 'http-400' }]);
    await end();
    startWorker('kept', scripted([]));
    await collect(run('kept', stream([requestOf('good')])));
    const queue = new Queue('kept', { connection: { url: redisUrl } });
    onTestFinished(() => queue.close());
    expect(await queue.getJobCountByTypes('completed')).toBe(1);
    await collect(run('kept', stream([requestOf('other')]), { keepReadMs: 0 }));
    expect((await queue.getJob(requestOf('good').id))?.id).toBeUndefined();
  });

  test('a worker that is closed gives its jobs to another at once', async () => {
    const requests = requestsOf(12);
    const held: string[] = [];
    const end = startWorker('closed', scripted(held, { isStuck: true }), { lockMs: 60_000 });
    const collected = collect(run('closed', stream(requests)));
    await until(() => held.length > 0);
    expect(await end()).toMatchObject({ name: 'AbortError', message: 'over' });
    startWorker('closed', scripted([]), { lockMs: 60_000 });
    expect(idsOf((await collected).answers)).toEqual(idsOf(requests));
  });

  test('the job of a killed worker comes to another', async () => {
    const requests = requestsOf(3);
    const collected = collect(run('killed', stream(requests)));
    await untilJobs('killed', 'waiting', 3);
    // It takes a job and never tells of it again, as a process does that was killed.
    const dead = new Worker('killed', null, { connection: { url: redisUrl, maxRetriesPerRequest: null }, lockDuration: 500 });
    expect(await dead.getNextJob('dead')).toBeDefined();
    await dead.close(true);
    startWorker('killed', scripted([]));
    expect((await collected).answers.filter(({ ok }) => ok)).toHaveLength(3);
  });

  test('a worker whose executor stops rejects with that, and its jobs stay', async () => {
    const reason = new DOMException('no quota', 'QuotaError');
    const stopping: Executor = {
      name: 'stopping',
      async *run(requests): AsyncGenerator<DatagenAnswer> {
        for await (const _ of requests) throw reason;
      },
    };
    const collected = collect(run('stops', stream(requestsOf(4))));
    await expect(runQueueWorker({ redisUrl, queue: 'stops', executor: stopping })).rejects.toBe(reason);
    startWorker('stops', scripted([]));
    expect((await collected).answers.filter(({ ok }) => ok)).toHaveLength(4);
  });

  test('an abort ends producer and worker promptly while Redis is away', { timeout: 20_000 }, async () => {
    const { url, child } = await startRedis();
    const controller = new AbortController();
    const reason = new DOMException('over', 'AbortError');
    const held: string[] = [];
    const address = { redisUrl: url, queue: 'away', signal: controller.signal };
    const worker = runQueueWorker({ ...address, executor: scripted(held, { isStuck: true }) }).catch((error: unknown) => error);
    const collected = collect(run('away', stream(requestsOf(3)), address));
    await until(() => held.length > 0);
    child.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const abortedAt = performance.now();
    controller.abort(reason);
    expect([(await collected).error, await worker]).toEqual([reason, reason]);
    expect(performance.now() - abortedAt).toBeLessThan(3_000);
  });

  test('no connection is left after a run that was left early, and after a worker', async () => {
    const end = startWorker('left', scripted([]));
    for await (const { ok } of run('left', stream(requestsOf(5)))) {
      expect(ok).toBe(true);
      break;
    }
    await end();
    const redis = new Redis(redisUrl);
    onTestFinished(() => redis.disconnect());
    await expect.poll(async () => String(await redis.client('LIST')).trim().split('\n').length).toBe(1);
  });

  test('a wrong password stops producer and worker without telling it', async () => {
    const wrong = redisUrl.replace('pass-word', 'wrong-word');
    const { error } = await collect(run('refused', stream(requestsOf(1)), { redisUrl: wrong }));
    expect(executorStopOf(error)).toBe('unauthorized');
    expect(visibleText(error)).not.toContain('wrong-word');
  });
});

test('without Redis, producer and worker stop with `unreachable` and no password', async () => {
  const address = { redisUrl: `redis://user:secret-word@127.0.0.1:${await freePort()}`, queue: 'none' };
  const { error } = await collect(createQueueExecutor(address).run(stream(requestsOf(3)), {}));
  const workerError = await runQueueWorker({ ...address, executor: scripted([]) }).catch((reason: unknown) => reason);
  for (const stop of [error, workerError]) {
    expect(executorStopOf(stop)).toBe('unreachable');
    expect(visibleText(stop)).not.toContain('secret-word');
  }
});

test('without BullMQ the error names what to install', async () => {
  vi.doMock('bullmq', () => Promise.reject(new DOMException('not found')));
  onTestFinished(() => void vi.doUnmock('bullmq'));
  const { error } = await collect(createQueueExecutor({ redisUrl: 'redis://127.0.0.1:1', queue: 'none' }).run(stream(requestsOf(1)), {}));
  expect(error).toMatchObject({ code: 'missing-dependency', message: expect.stringContaining('npm install bullmq') });
});

test('a faulty option is named, its value is not', () => {
  expect(() => createQueueExecutor({ redisUrl: 'http://user:secret-word@host', queue: 'a:b' })).toThrow(/`redisUrl`.*`queue`/);
});
