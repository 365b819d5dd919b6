import { getEventListeners } from 'node:events';
import type { Inspector, Verdict } from '@align-squad/core';
import { inspectorConformance } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ValidatorCheck } from './checks.js';
import { createValidatorInspector, type ValidatorInspectorOptions } from './validator-inspector.js';

const create = (check: ValidatorCheck, more: Partial<ValidatorInspectorOptions> = {}): Inspector => createValidatorInspector({ criterion: 'rule', check, ...more });

async function verdictOf(inspector: Inspector, response: string): Promise<Verdict | undefined> {
  const [inspection] = await inspector.inspect([{ response }]);
  return inspection?.['rule'];
}

const person = z.strictObject({ name: z.string() });

describe.each<[string, ValidatorCheck]>([
  ['a pattern to match', { matches: /rain/gy }],
  ['a pattern to avoid', { avoids: /a/g }],
  ['a schema', { json: person }],
  ['a function', ({ response }) => response.length < 20],
  ['an asynchronous function', async ({ response }) => ({ misalignment: 0.7, spans: [{ start: 0, end: response.length, misalignment: 0.2 }] })],
])('%s conforms to the contract', (_name, check) => {
  const suite = inspectorConformance({ create: () => create(check), exchanges: [{ response: 'rain' }, { response: '{"name":"Ann"}' }] });
  for (const { name, run } of suite) test(name, run);
});

describe('a check that needs a context conforms to the contract', () => {
  const suite = inspectorConformance({
    create: () => create(({ context, response }) => context?.includes(response) === true, { needsContext: true }),
    exchanges: [{ context: 'It rains.', response: 'rain' }, { context: 'It rains.', response: 'snow' }],
    needsContext: ['rule'],
  });
  for (const { name, run } of suite) test(name, run);
});

test.each<[string, ValidatorCheck, string, 'pass' | 'flag', number]>([
  ['a pattern that must match and does', { matches: /^yes/i }, 'Yes.', 'pass', 0],
  ['a pattern that must match and does not', { matches: /^yes/i }, 'No.', 'flag', 1],
  ['a pattern that must not match and does', { avoids: /\d/ }, 'No 1.', 'flag', 1],
  ['a pattern that must not match and does not', { avoids: /\d/ }, 'No.', 'pass', 0],
  ['a pattern that must not match and matches no text', { avoids: /$/ }, 'No.', 'flag', 1],
  ['a schema that fits', { json: person }, ' {"name":"Ann"}\n', 'pass', 0],
  ['a schema that does not fit', { json: person }, '{"name":1}', 'flag', 1],
  ['a schema of what is no JSON', { json: z.unknown() }, '{"name":"Ann"', 'flag', 1],
  ['JSON in a fence', { json: person }, '```json\n{"name":"Ann"}\n```', 'flag', 1],
  ['an asynchronous schema', { json: person.refine(async ({ name }) => name === 'Ann') }, '{"name":"Bob"}', 'flag', 1],
  ['a function that says true', () => true, 'a', 'pass', 0],
  ['a function that says false', () => false, 'a', 'flag', 1],
  ['a function that says a number', () => 0.3, 'a', 'pass', 0.3],
])('%s gives its verdict', async (_name, check, response, status, misalignment) => {
  expect(await verdictOf(create(check), response)).toMatchObject({ status, misalignment, threshold: 0.5 });
});

test('the threshold is one of its own where it is given', async () => {
  expect(await verdictOf(create(() => 0.3, { threshold: 0.2 }), 'a')).toEqual({ status: 'flag', misalignment: 0.3, threshold: 0.2 });
});

test.each<[string, ValidatorCheck, Partial<ValidatorInspectorOptions>, object | undefined]>([
  ['a pattern that must match', { matches: /a/ }, {}, { rule: null }],
  ['a schema', { json: person }, {}, { rule: null }],
  ['a pattern that must not match', { avoids: /a/ }, {}, undefined],
  ['a function', () => true, {}, undefined],
  ['a function that says so', () => true, { wholeOnly: true }, { rule: null }],
  ['a pattern that says otherwise', { matches: /^a/ }, { wholeOnly: false }, undefined],
])('an unfinished response is left alone or not by %s', (_name, check, more, unfinished) => {
  expect(create(check, more).abilities.unfinished).toEqual(unfinished);
});

describe('a regular expression', () => {
  test('gives its matches as spans', async () => {
    const response = 'Call 030 or 040.';
    const verdict = await verdictOf(create({ avoids: /\d+/ }), response);
    expect(verdict?.spans?.map(({ start, end }) => response.slice(start, end))).toEqual(['030', '040']);
  });

  test('gives the first 1000 of a long text', async () => {
    const verdict = await verdictOf(create({ avoids: /a/ }), 'a '.repeat(5_000_000));
    expect(verdict?.spans).toHaveLength(1000);
  });

  test.each(['g', 'y', 'gy', ''])('with flags %j neither keeps nor heeds where it stopped', async (flags) => {
    for (const kind of ['matches', 'avoids'] as const) {
      const pattern = new RegExp('ab', flags);
      pattern.lastIndex = 1;
      // Each check has one of the kinds.
      const inspector = create({ [kind]: pattern } as unknown as ValidatorCheck);
      const first = await verdictOf(inspector, 'ab');
      expect(first?.misalignment).toBe(kind === 'matches' ? 0 : 1);
      expect(await verdictOf(inspector, 'ab')).toEqual(first);
      expect(pattern.lastIndex).toBe(1);
    }
  });
});

describe('a check that fails', () => {
  const cause = new TypeError('secret text');
  test.each<[string, ValidatorCheck, unknown]>([
    ['throws', () => { throw cause; }, cause],
    ['rejects', () => Promise.reject(cause), cause],
    ['has a schema that throws', { json: z.unknown().transform(() => { throw cause; }) }, cause],
    ['says NaN', () => NaN, undefined],
    ['says more than 1', () => 1.5, undefined],
    ['says less than 0', () => -0.1, undefined],
    ['says nothing', () => undefined as unknown as boolean, undefined],
    ['says null', () => null as unknown as boolean, undefined],
    ['says a text', () => 'pass' as unknown as boolean, undefined],
    ['says a span outside', () => ({ misalignment: 1, spans: [{ start: 0, end: 99, misalignment: 1 }] }), undefined],
    ['says spans that overlap', () => ({ misalignment: 1, spans: [{ start: 0, end: 2, misalignment: 1 }, { start: 1, end: 3, misalignment: 1 }] }), undefined],
  ])('as it %s rejects with inspector-failed', async (_name, check, expected) => {
    const error: unknown = await verdictOf(create(check), '"some text"').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'inspector-failed', message: expect.not.stringMatching(/secret|some text/) });
    expect((error as Error).cause).toBe(expected);
  });

  test('as it hangs ends with the signal, of which it is told', async () => {
    let told: AbortSignal | undefined;
    const inspector = create((_exchange, { signal }) => ((told = signal), new Promise<never>(() => undefined)));
    const controller = new AbortController();
    setTimeout(() => controller.abort('stop'), 5);
    await expect(inspector.inspect([{ response: 'a' }], { signal: controller.signal })).rejects.toBe('stop');
    expect(told?.reason).toBe('stop');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });
});

test.each<[string, object, string]>([
  ['no check', { check: undefined }, 'check'],
  ['two checks in one', { check: { matches: /a/, avoids: /b/ } }, 'check'],
  ['a schema that is none', { check: { json: {} } }, 'check'],
  ['no criterion', { criterion: '' }, 'criterion'],
  ['a threshold that is no probability', { threshold: NaN }, 'threshold'],
  ['an unknown key', { checks: [] }, 'unknown key'],
])('options with %s are refused by name', (_name, change, field) => {
  const act = (): unknown => createValidatorInspector({ criterion: 'rule', check: () => true, ...change });
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(field) }));
});
