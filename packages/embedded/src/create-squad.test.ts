import { readFile } from 'node:fs/promises';
import { AlignSquadError, type Inspector } from '@align-squad/core';
import { functionAligner, functionInspector } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { createSquad, createSquadFrom, type CreateSquadOptions } from './create-squad.js';
import { defaultPack } from './default-pack.js';
import type { PackModels } from './pack-models.js';
import { doubleAligner, doubleInspector, doubleModels } from './testing/double-models.js';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (AlignSquadError.isInstance(error) ? error.code : error),
  );

test('the pack that is named is the one that is loaded', async () => {
  const asked: unknown[] = [];
  const load = async (pack: unknown) => {
    asked.push(pack);
    return doubleModels();
  };
  await createSquadFrom({ pack: '/some/pack' }, load);
  await createSquadFrom({}, load);
  expect(asked).toEqual(['/some/pack', undefined]);
});

describe('a list of packs', () => {
  const onlyFor = (criterion: string, misalignment: number, onDispose: () => void = () => undefined): PackModels => ({
    inspectors: [functionInspector(() => misalignment, { criteria: ['shared', criterion] })],
    aligners: [],
    dispose: async () => onDispose(),
  });

  test('makes one squad, in which the earlier packs are asked first', async () => {
    const packs = { '/mine': onlyFor('brave', 0.9), '/other': onlyFor('calm', 0.1) };
    const squad = await createSquadFrom({ pack: ['/mine', '/other'] }, async (pack) => packs[pack as keyof typeof packs]);
    expect(squad.criteria.toSorted()).toEqual(['brave', 'calm', 'shared']);
    expect(await squad.inspect('text')).toMatchObject({ shared: { misalignment: 0.9 }, brave: { misalignment: 0.9 }, calm: { misalignment: 0.1 } });
  });

  test('asks the aligners of a criterion in its order', async () => {
    const aligning = (text: string): PackModels => ({ ...doubleModels(), aligners: [functionAligner(() => text, { version: text, criteria: ['ethical'] })] });
    const packs = { '/mine': aligning('still RUDE'), '/other': aligning('KIND') };
    const squad = await createSquadFrom({ pack: ['/mine', '/other'] }, async (pack) => packs[pack as keyof typeof packs]);
    const { steps, response } = await squad.align('RUDE');
    expect([steps.map(({ aligner }) => aligner), response]).toEqual([['still RUDE', 'KIND'], 'KIND']);
  });

  test('may name the embedded pack', async () => {
    const asked: unknown[] = [];
    await createSquadFrom({ pack: ['/mine', defaultPack] }, async (pack) => {
      asked.push(pack);
      return doubleModels();
    });
    expect(asked).toEqual(['/mine', defaultPack]);
    expect((await readFile(new URL('pack.json', defaultPack), 'utf8')).length).toBeGreaterThan(0);
  });

  test('may be empty, which is no pack', async () => {
    expect(await codeOf(createSquad({ pack: [] }))).toBe('invalid-options');
    await expect(createSquad({ pack: [], inspectors: [doubleInspector()] })).resolves.toBeDefined();
  });

  test('is freed with the squad, and when one of its packs fails', async () => {
    const freed: string[] = [];
    const models = (name: string): PackModels => onlyFor(name, 0.1, () => freed.push(name));
    const squad = await createSquadFrom({ pack: ['/a', '/b'] }, async (pack) => models(String(pack)));
    await squad.dispose();
    expect(freed.splice(0).toSorted()).toEqual(['/a', '/b']);
    const failing = async (pack: unknown): Promise<PackModels> => {
      if (pack === '/c') throw new AlignSquadError('No pack.', { code: 'pack-not-found' });
      return models(String(pack));
    };
    expect(await codeOf(createSquadFrom({ pack: ['/a', '/b', '/c'] }, failing))).toBe('pack-not-found');
    expect(freed.toSorted()).toEqual(['/a', '/b']);
  });
});

test("a caller's inspector is asked before the pack's", async () => {
  const mine: Inspector = {
    ...doubleInspector(),
    criteria: ['ethical'],
    inspect: async () => [{ ethical: { status: 'pass', misalignment: 0, threshold: 0.5 } }],
  };
  const squad = await createSquadFrom({ inspectors: [mine] }, async () => doubleModels());
  const inspection = await squad.inspect('RUDE DULL');
  expect(inspection).toMatchObject({ ethical: { status: 'pass' }, helpful: { status: 'flag' } });
});

test('without a pack a squad works on the models of its caller alone', async () => {
  const squad = await createSquad({ pack: false, inspectors: [doubleInspector()], aligners: [doubleAligner()] });
  expect(await squad.align('RUDE words')).toMatchObject({ outcome: 'aligned', response: 'KIND words' });
});

test('without a pack and an inspector there is no squad', async () => {
  expect(await codeOf(createSquad({ pack: false }))).toBe('invalid-options');
});

test.each<[string, unknown]>([
  ['null', null],
  ['a pack that is a number', { pack: 3 }],
  ['a pack without a name', { pack: '' }],
  ['a list of packs with a number', { pack: ['/some/pack', 3] }],
  ['a list of packs with `false`', { pack: [false] }],
  ['inspectors that are no list', { inspectors: {} }],
  ['an unknown option', { treshold: 1 }],
])('%s is refused', async (_name, options) => {
  expect(await codeOf(createSquadFrom(options as CreateSquadOptions, async () => doubleModels()))).toBe('invalid-options');
});

test('models are freed when the options turn out wrong', async () => {
  let disposed = 0;
  const options = { maxAttempts: -1 };
  expect(await codeOf(createSquadFrom(options, async () => doubleModels(() => (disposed += 1))))).toBe('invalid-options');
  expect(disposed).toBe(1);
});

test('dispose frees the models once, after the calls under way', async () => {
  const events: string[] = [];
  const squad = await createSquadFrom({}, async () => doubleModels(() => events.push('disposed')));
  const call = squad.align('RUDE').then(() => events.push('aligned'));
  await Promise.all([squad.dispose(), squad.dispose()]);
  await call;
  expect(events).toEqual(['aligned', 'disposed']);
});

describe('alignMany of a squad that is disposed of', () => {
  const events: string[] = [];
  const makeSquad = () => {
    events.length = 0;
    return createSquadFrom({}, async () => doubleModels(() => events.push('disposed')));
  };

  test('goes on to its end once it was begun', async () => {
    const squad = await makeSquad();
    const results = squad.alignMany(['RUDE', 'fine', 'RUDE too']);
    expect((await results.next()).value).toMatchObject({ response: 'KIND' });
    const disposed = squad.dispose();
    for await (const { response } of results) events.push(response);
    await disposed;
    expect(events).toEqual(['fine', 'KIND too', 'disposed']);
  });

  test.each<[string, (results: AsyncGenerator<unknown>) => Promise<unknown>]>([
    ['left by return', (results) => results.return(undefined)],
    ['left by throw', (results) => results.throw(new TypeError('enough')).catch(() => undefined)],
    ['disposed of itself', (results) => results[Symbol.asyncDispose]() as Promise<void>],
  ])('holds it no longer when it is %s', async (_name, leave) => {
    const squad = await makeSquad();
    const results = squad.alignMany(['RUDE', 'fine']);
    await results.next();
    const disposed = squad.dispose();
    expect(events).toEqual([]);
    await leave(results);
    await disposed;
    expect(events).toEqual(['disposed']);
  });

  test('holds it no longer when it failed', async () => {
    const squad = await makeSquad();
    expect(await codeOf(squad.alignMany(['x'], { criteria: ['none'] }).next())).toBe('unknown-criterion');
    await squad.dispose();
    expect(events).toEqual(['disposed']);
  });

  test('does not begin afterwards', async () => {
    const squad = await makeSquad();
    const results = squad.alignMany(['RUDE']);
    await squad.dispose();
    expect(await codeOf(results.next())).toBe('disposed');
    expect(await codeOf(squad.alignMany(['RUDE']).next())).toBe('disposed');
  });
});

test('a disposed squad refuses calls', async () => {
  const squad = await createSquadFrom({}, async () => doubleModels());
  await squad[Symbol.asyncDispose]();
  expect(await codeOf(squad.align('text'))).toBe('disposed');
  expect(await codeOf(squad.inspect('text'))).toBe('disposed');
});
