import { AlignSquadError } from '@align-squad/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { float32, type Tensor } from '../session/tensor.js';
import type { SessionThread } from './session-thread.js';
import { createThreadQueue, type ThreadQueue } from './thread-queue.js';

interface DoubleThread extends SessionThread {
  /** Ends the run under way. */
  finish(): void;
  die(): void;
}

const output = (value: number): Record<string, Tensor> => ({ y: float32(Float32Array.of(value), [1]) });
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const failure = new AlignSquadError('No memory.', { code: 'model-invalid' });

function doubleThread(log: string[], name: string): DoubleThread {
  let finish = (): void => undefined;
  let fail = (): void => undefined;
  let leave = (): void => undefined;
  let isAlive = true;
  return {
    names: { inputNames: [], outputNames: [] },
    run: ({ outputs }) =>
      new Promise((resolve, reject) => {
        log.push(`${name}:${outputs.join()}`);
        finish = () => resolve(output(1));
        fail = () => reject(failure);
      }),
    end: async () => leave(),
    gone: new Promise((resolve) => (leave = resolve)),
    isAlive: () => isAlive,
    finish: () => finish(),
    die: () => {
      isAlive = false;
      fail();
      leave();
    },
  };
}

/** A queue over threads a, b, c... whose starts succeed or fail as they are told. */
function doubleQueue(most: number, patienceMs = 0): { log: string[]; threads: DoubleThread[]; queue: ThreadQueue; add: (name: string, signal?: AbortSignal) => Promise<unknown>; fails: { start: boolean } } {
  const log: string[] = [];
  const fails = { start: false };
  const make = (): DoubleThread => {
    const thread = doubleThread(log, 'abcdef'.charAt(threads.length));
    threads.push(thread);
    return thread;
  };
  const threads: DoubleThread[] = [];
  const start = async (): Promise<SessionThread> => {
    if (fails.start) throw failure;
    return make();
  };
  const queue = createThreadQueue({ first: make(), start, most, patienceMs });
  const add = (name: string, signal?: AbortSignal): Promise<unknown> => queue.add((thread) => thread.run({ inputs: {}, outputs: [name] }, false), signal);
  return { log, threads, queue, add, fails };
}

test('runs are begun first come first served', async () => {
  const { log, threads, add } = doubleQueue(1);
  const runs = ['1', '2', '3'].map((name) => add(name));
  for (const _ of runs) {
    threads[0]?.finish();
    await settle();
  }
  await Promise.all(runs);
  expect(log).toEqual(['a:1', 'a:2', 'a:3']);
});

test('a second thread is started only when runs wait, and no more than allowed', async () => {
  const { log, threads, add } = doubleQueue(2);
  void add('1');
  await settle();
  expect(threads).toHaveLength(1);
  for (const name of ['2', '3', '4']) void add(name);
  await settle();
  expect([threads.length, log]).toEqual([2, ['a:1', 'b:2']]);
});

describe('with patience', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => vi.useRealTimers());

  test('a second thread is started only for a run that has waited so long', async () => {
    const { threads, add } = doubleQueue(3, 100);
    for (const name of ['1', '2', '3']) void add(name);
    vi.advanceTimersByTime(99);
    await settle();
    expect(threads).toHaveLength(1);
    threads[0]?.finish();
    await settle();
    vi.advanceTimersByTime(1);
    await settle();
    expect(threads).toHaveLength(2);
  });

  test('a thread that dies is replaced at once when runs wait', async () => {
    const { log, threads, add } = doubleQueue(2, 100);
    const first = add('1');
    void add('2');
    void add('3');
    threads[0]?.die();
    await expect(first).rejects.toBe(failure);
    await settle();
    expect([threads.length, log]).toEqual([2, ['a:1', 'b:2']]);
  });
});

describe('an abort', () => {
  test('takes a waiting run out at once', async () => {
    const { log, threads, add } = doubleQueue(1);
    const stop = new AbortController();
    const first = add('1');
    const second = add('2', stop.signal);
    const third = add('3');
    stop.abort('enough');
    await expect(second).rejects.toBe('enough');
    threads[0]?.finish();
    await first;
    await settle();
    threads[0]?.finish();
    await third;
    expect(log).toEqual(['a:1', 'a:3']);
  });

  test('leaves a running one to itself, whose thread is used again afterwards and not before', async () => {
    const { log, threads, add } = doubleQueue(1);
    const stop = new AbortController();
    const first = add('1', stop.signal);
    const second = add('2');
    stop.abort('enough');
    await expect(first).rejects.toBe('enough');
    await settle();
    expect(log).toEqual(['a:1']);
    threads[0]?.finish();
    await settle();
    expect(log).toEqual(['a:1', 'a:2']);
    threads[0]?.finish();
    await second;
  });
});

describe('a thread that dies', () => {
  test('while it runs fails that run, and another one is started for the next', async () => {
    const { log, threads, add } = doubleQueue(1);
    const first = add('1');
    const second = add('2');
    threads[0]?.die();
    await expect(first).rejects.toBe(failure);
    await settle();
    threads[1]?.finish();
    await second;
    expect(log).toEqual(['a:1', 'b:2']);
  });

  test('while it is idle is replaced when there is work', async () => {
    const { log, threads, add } = doubleQueue(1);
    threads[0]?.die();
    await settle();
    expect(threads).toHaveLength(1);
    void add('1');
    await settle();
    expect(log).toEqual(['b:1']);
  });

  test('and can not be replaced fails the runs that wait, and the next run tries again', async () => {
    const { threads, add, fails, log } = doubleQueue(1);
    fails.start = true;
    const runs = ['1', '2', '3'].map((name) => add(name));
    threads[0]?.die();
    expect((await Promise.allSettled(runs)).map((run) => run.status === 'rejected' && run.reason)).toEqual([failure, failure, failure]);
    fails.start = false;
    void add('4');
    await settle();
    expect(log).toEqual(['a:1', 'b:4']);
  });
});

test('runs wait for the threads there are where no more can be started', async () => {
  const { log, threads, add, fails } = doubleQueue(3);
  fails.start = true;
  const runs = ['1', '2', '3'].map((name) => add(name));
  for (const _ of runs) {
    await settle();
    threads[0]?.finish();
  }
  await Promise.all(runs);
  expect(log).toEqual(['a:1', 'a:2', 'a:3']);
});

test('its end ends all threads', async () => {
  const { threads, queue, add } = doubleQueue(2);
  const runs = [add('1'), add('2')];
  await settle();
  for (const thread of threads) thread.finish();
  await Promise.all(runs);
  await queue.end();
  await Promise.all(threads.map((thread) => thread.gone));
  expect(threads).toHaveLength(2);
});
