import { expect, test } from 'vitest';
import { trackGenerator } from './track-generator.js';

function tracked(inner: AsyncGenerator<number, void, undefined>): { generator: AsyncGenerator<number, void, undefined>; log: string[] } {
  const log: string[] = [];
  const begin = () => {
    log.push('begin');
    return () => log.push('end');
  };
  return { generator: trackGenerator(inner, begin as () => () => void), log };
}

async function* oneTwo(): AsyncGenerator<number, void, undefined> {
  yield 1;
  yield 2;
}

test('it begins with the first next and ends with the last', async () => {
  const { generator, log } = tracked(oneTwo());
  expect(log).toEqual([]);
  for await (const item of generator) log.push(String(item));
  expect(log).toEqual(['begin', '1', '2', 'end']);
});

test('what was never begun does not end', async () => {
  const { generator, log } = tracked(oneTwo());
  expect(await generator.return()).toEqual({ done: true, value: undefined });
  expect(log).toEqual([]);
});

test('a failure ends it and is passed on', async () => {
  const failing = (async function* (): AsyncGenerator<number, void, undefined> {
    yield 1;
    throw new TypeError('two');
  })();
  const { generator, log } = tracked(failing);
  await generator.next();
  await expect(generator.next()).rejects.toThrow('two');
  expect(log).toEqual(['begin', 'end']);
});

test('a begin that refuses leaves the inner one untouched', async () => {
  let isRun = false;
  const inner = (async function* (): AsyncGenerator<number, void, undefined> {
    isRun = true;
    yield 1;
  })();
  const refuse = (): never => {
    throw new TypeError('closed');
  };
  await expect(trackGenerator(inner, refuse).next()).rejects.toThrow('closed');
  expect(isRun).toBe(false);
});
