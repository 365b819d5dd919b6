import { AlignSquadError } from '@align-squad/core';
import { expect, test } from 'vitest';
import { runBatch, type BatchOptions } from './batch.js';
import { readLines } from './lines.js';

async function run(input: string, overrides: Partial<BatchOptions> = {}) {
  const written: object[] = [];
  const failures: string[] = [];
  const totals = await runBatch({
    lines: readLines([Buffer.from(input)] as unknown as AsyncIterable<Uint8Array>),
    handle: async (exchange) => ({ response: exchange.response.toUpperCase() }),
    write: async (value) => void written.push(value),
    onFailure: (lineNumber, error) => failures.push(`${lineNumber} ${error.code}`),
    ...overrides,
  });
  return { written, failures, totals };
}

test('records come out in input order, by their id or their line number', async () => {
  const { written, totals } = await run('{"id":"a","response":"x"}\n\n{"response":"y"}\n  \n');
  expect(written).toEqual([
    { id: 'a', response: 'X' },
    { id: 3, response: 'Y' },
  ]);
  expect(totals).toEqual({ written: 2, failed: 0 });
});

test('a bad line becomes an error line with its number and the others still come', async () => {
  const { written, failures, totals } = await run('{"response":"x"}\nno json\n{"id":"c","response":"z"}\n');
  expect(written).toMatchObject([{ id: 1 }, { id: 2, error: { code: 'invalid-exchange' } }, { id: 'c', response: 'Z' }]);
  expect(failures).toEqual(['2 invalid-exchange']);
  expect(totals).toEqual({ written: 3, failed: 1 });
});

test('a typed error of one record is written with its code and the others still come', async () => {
  const { written, failures } = await run('{"id":"a","response":"x"}\n{"response":"y"}', {
    handle: async (exchange) => {
      if (exchange.response === 'x') throw new AlignSquadError('Withheld.', { code: 'blocked' });
      return {};
    },
  });
  expect(written).toEqual([{ id: 'a', error: { code: 'blocked', message: 'Withheld.' } }, { id: 2 }]);
  expect(failures).toEqual(['1 blocked']);
});

test('the message of a foreign error is not written', async () => {
  const { written } = await run('{"response":"x"}', {
    handle: () => Promise.reject(new RangeError('secret')),
  });
  expect(JSON.stringify(written)).not.toContain('secret');
  expect(written).toMatchObject([{ error: { code: 'inspector-failed' } }]);
});

test('a body that carries an error counts as failed', async () => {
  const error = { code: 'inspector-failed', message: 'Failed.' };
  const { written, totals } = await run('{"response":"x"}', { handle: async () => ({ outcome: 'error', error }) });
  expect(written).toEqual([{ id: 1, outcome: 'error', error }]);
  expect(totals).toEqual({ written: 1, failed: 1 });
});

test('an abort ends the run with its reason and writes no half-done record', async () => {
  const controller = new AbortController();
  const written: object[] = [];
  const done = run('{"response":"x"}\n{"response":"y"}', {
    signal: controller.signal,
    write: async (value) => void written.push(value),
    handle: async (exchange) => {
      if (exchange.response === 'y') controller.abort('stopped');
      controller.signal.throwIfAborted();
      return {};
    },
  });
  await expect(done).rejects.toBe('stopped');
  expect(written).toEqual([{ id: 1 }]);
});
