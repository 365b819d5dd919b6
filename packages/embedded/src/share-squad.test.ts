import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createSquadFrom } from './create-squad.js';
import type { DisposableSquad } from './disposable-squad.js';
import { doubleModels } from './testing/double-models.js';
import { shareSquad } from './share-squad.js';

function counted(onDispose?: () => void): { load: () => Promise<DisposableSquad>; count: () => number } {
  let loads = 0;
  const load = (): Promise<DisposableSquad> => {
    loads += 1;
    return createSquadFrom({}, async () => doubleModels(onDispose));
  };
  return { load, count: () => loads };
}

test('nothing is loaded before the first call', () => {
  const { load, count } = counted();
  shareSquad(load);
  expect(count()).toBe(0);
});

test('first calls at the same time share one load', async () => {
  const { load, count } = counted();
  const shared = shareSquad(load);
  const [a, b] = await Promise.all([shared.get(), shared.get()]);
  expect(a).toBe(b);
  expect(await shared.get()).toBe(a);
  expect(count()).toBe(1);
});

test('a failed load is not kept', async () => {
  const { load } = counted();
  const failure = new AlignSquadError('No pack.', { code: 'pack-not-found' });
  let calls = 0;
  const shared = shareSquad(() => ((calls += 1) === 1 ? Promise.reject(failure) : load()));
  await expect(shared.get()).rejects.toBe(failure);
  await expect(shared.get()).resolves.toBeDefined();
});

test('dispose frees the squad and the next call loads another', async () => {
  let disposed = 0;
  const { load, count } = counted(() => (disposed += 1));
  const shared = shareSquad(load);
  const first = await shared.get();
  await shared.dispose();
  expect(disposed).toBe(1);
  expect(await shared.get()).not.toBe(first);
  expect(count()).toBe(2);
});

test('dispose before any call loads nothing', async () => {
  const { load, count } = counted();
  await shareSquad(load).dispose();
  expect(count()).toBe(0);
});

test('dispose while loading frees what comes', async () => {
  let disposed = 0;
  const shared = shareSquad(counted(() => (disposed += 1)).load);
  const loading = shared.get();
  await shared.dispose();
  await loading;
  expect(disposed).toBe(1);
});
