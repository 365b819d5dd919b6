import { AlignSquadError } from '@align-squad/core';
import type { AlignResult, StreamEvent } from '@align-squad/squad';
import { describe, expect, test } from 'vitest';
import { bindSquad, type AdapterOptions } from './bind-squad.js';
import { doubleSquad, leakCases, leakMark } from './testing/index.js';

const squad = doubleSquad();

async function textOf(events: AsyncIterable<StreamEvent>): Promise<string> {
  let text = '';
  for await (const event of events) if (event.type === 'text') text += event.text;
  return text;
}

async function* sourceOf(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

const streamOf = (pieces: readonly string[], options: AdapterOptions = {}): Promise<string> =>
  textOf(bindSquad(['ethical', 'helpful'], { squad, ...options }).alignStream(sourceOf(pieces), {}));

test('one answer is aligned to the criteria that were bound, and its result is heard of', async () => {
  const heard: AlignResult[] = [];
  const bound = bindSquad(['ethical'], { squad, onResult: (result) => heard.push(result) });
  const result = await bound.align({ response: 'Be RUDE and DULL.' }, {});
  expect(result.response).toBe('Be KIND and DULL.');
  expect(heard).toEqual([result]);
});

describe('what can not be mended', () => {
  test('is withheld, with a message for a whole answer', async () => {
    const { outcome, response } = await bindSquad(undefined, { squad }).align({ response: 'DULL.' }, {});
    expect(outcome).toBe('blocked');
    expect(response).toMatch(/withheld/);
    expect(await streamOf(['Good day. ', 'DULL. ', 'Good night.'])).toBe('Good day. Good night.');
    expect(await streamOf(['DU', 'LL.'], { withheldMessage: 'No.' })).toBe('No.');
  });

  test('is given where the policy says so', async () => {
    expect((await bindSquad(undefined, { squad, onUnfixed: 'keep' }).align({ response: 'DULL.' }, {})).response).toBe('DULL.');
    expect(await streamOf(['DULL.'], { onUnfixed: 'keep' })).toBe('DULL.');
    expect(await streamOf(['DULL.'], { onUnfixed: { block: '' } })).toBe('');
  });

  test('is withheld too when the inspector fails', async () => {
    expect(await streamOf(['CRASH.'])).toMatch(/withheld/);
  });
});

test('an empty stream stays empty', async () => {
  expect(await streamOf([])).toBe('');
});

test('the leak cases hold the mark, and none of them leaks', async () => {
  expect(leakCases().map(({ size }) => size)).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  for (const { pieces } of leakCases()) {
    expect(pieces.join('')).toContain(leakMark);
    expect(await streamOf(pieces)).not.toContain(leakMark);
  }
});

test.each([
  [{ squad: 1 }],
  [{ withheldMessage: '' }],
  [{ onResult: 'log' }],
])('%j is refused at once', (options) => {
  // as a caller without types might
  expect(() => bindSquad(['ethical'], options as unknown as AdapterOptions)).toThrow(AlignSquadError);
});

test('an unknown criterion and an unknown option are refused by the calls', async () => {
  await expect(bindSquad(['brave'], { squad }).align({ response: 'x' }, {})).rejects.toMatchObject({ code: 'unknown-criterion' });
  const odd = { squad, colour: 'red' } as AdapterOptions;
  await expect(bindSquad(['ethical'], odd).align({ response: 'x' }, {})).rejects.toMatchObject({ code: 'invalid-options' });
});

test('an aborted call rejects with the reason', async () => {
  const reason = new Error('gone');
  const signal = AbortSignal.abort(reason);
  await expect(bindSquad(['ethical'], { squad }).align({ response: 'x' }, { signal })).rejects.toBe(reason);
});
