import { getEventListeners } from 'node:events';
import type { Inspection, Inspector, Verdict } from '@align-squad/core';
import { functionInspector, inspectorConformance, scriptedInspector, type InspectorStep } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { cascade } from './cascade.js';
import type { CascadeLink } from './options.js';

const sure = { below: 0.2, above: 0.8 };
const criteria = ['ethical'];
const exchanges = [{ response: '0.1' }, { response: '0.5' }, { response: '0.9' }, { response: '0.6' }];
const scripted = (steps: readonly InspectorStep[], more: object = {}) => scriptedInspector(steps, { criteria, ...more });
/** Scores a response by the number that it is. */
const reading = (more: object = {}): Inspector => functionInspector(({ response }) => Number(response) || 0.5, { criteria, ...more });
const unknown = (reason: Verdict['reason']): Verdict => ({ status: 'unknown', misalignment: 1, threshold: 0.5, reason });
const scores = (inspections: readonly Inspection[], criterion = 'ethical') => inspections.map((inspection) => inspection[criterion]?.misalignment);

describe.each<[string, () => readonly CascadeLink[]]>([
  ['two links', () => [{ inspector: reading(), sure }, { inspector: functionInspector(() => 0.3, { criteria: ['ethical'] }) }]],
  ['links of several criteria', () => [
    { inspector: functionInspector(() => 0.5, { criteria: ['ethical', 'factual'], needsContext: ['factual'] }), sure },
    { inspector: functionInspector(() => 0.3, { criteria: ['helpful', 'ethical'] }) },
  ]],
])('a cascade of %s conforms to the contract', (_name, links) => {
  const suite = inspectorConformance({
    create: () => cascade(links()),
    exchanges: [{ response: '0.1', context: 'a' }, { response: '0.5', context: 'b' }],
  });
  for (const { name, run } of suite) test(name, run);
});

test('the first link decides what it is sure of, the rest goes on together', async () => {
  const strong = scripted([{ expect: { responses: ['0.5', '0.6'], criteria }, verdicts: [{ ethical: 0.05 }, { ethical: 0.95 }] }]);
  const inspector = cascade([{ inspector: reading(), sure }, { inspector: strong }]);
  expect(scores(await inspector.inspect(exchanges))).toEqual([0.1, 0.05, 0.9, 0.95]);
  strong.assertDone();
});

test.each([[0.2, 0.2], [0.21, 0.4], [0.79, 0.4], [0.8, 0.8]])('a score of %d gives a verdict of %d', async (score, expected) => {
  const inspector = cascade([{ inspector: functionInspector(() => score, { criteria }), sure }, { inspector: functionInspector(() => 0.4, { criteria }) }]);
  expect(scores(await inspector.inspect([{ response: 'a' }]))).toEqual([expected]);
});

test('a link without a band for a criterion decides all of it', async () => {
  const first = functionInspector(() => 0.5, { criteria: ['ethical', 'factual'] });
  const second = functionInspector(() => 0.1, { criteria: ['ethical', 'factual'] });
  const inspector = cascade([{ inspector: first, sure: { factual: sure } }, { inspector: second }]);
  const inspections = await inspector.inspect([{ response: 'a' }]);
  expect([scores(inspections), scores(inspections, 'factual')]).toEqual([[0.5], [0.1]]);
});

test('the verdict is that of the link that decided, with its threshold and spans', async () => {
  const verdict: Verdict = { status: 'pass', misalignment: 0.55, threshold: 0.6, spans: [{ start: 0, end: 1, misalignment: 0.7 }] };
  const inspector = cascade([{ inspector: reading(), sure }, { inspector: functionInspector(() => verdict, { criteria }) }]);
  expect(await inspector.inspect([{ response: '0.5' }])).toEqual([{ ethical: verdict }]);
});

test('criteria are those of all links, and a link is asked for its own alone', async () => {
  const first = scriptedInspector([{ expect: { criteria: ['ethical'] }, verdicts: [{ ethical: 0.5 }] }], { criteria: ['ethical'] });
  const second = scriptedInspector([{ expect: { criteria: ['factual'] }, verdicts: [{ factual: 0.5 }] }], { criteria: ['factual'] });
  const third = scriptedInspector([{ expect: { criteria: ['ethical', 'factual'] }, verdicts: [{ ethical: 0.1, factual: 0.2 }] }], { criteria: ['factual', 'ethical'] });
  const inspector = cascade([{ inspector: first, sure }, { inspector: second, sure }, { inspector: third }]);
  expect(inspector.criteria).toEqual(['ethical', 'factual']);
  expect(await inspector.inspect([{ response: 'a' }])).toMatchObject([{ ethical: { misalignment: 0.1 }, factual: { misalignment: 0.2 } }]);
  for (const link of [first, second, third]) link.assertDone();
});

test('the last link that serves a criterion decides, also where others follow', async () => {
  const other = functionInspector(() => 0.1, { criteria: ['factual'] });
  const inspector = cascade([{ inspector: reading(), sure }, { inspector: other }]);
  expect(await inspector.inspect([{ response: '0.5' }])).toMatchObject([{ ethical: { misalignment: 0.5 }, factual: { misalignment: 0.1 } }]);
});

test('a link is asked in batches that it takes', async () => {
  const steps = [['0.1', '0.5', '0.9'], ['0.6']].map((responses) => ({ expect: { responses }, verdicts: responses.map(() => ({ ethical: 0 })) }));
  const small = scripted(steps, { maxBatchSize: 3 });
  await cascade([{ inspector: small }]).inspect(exchanges);
  small.assertDone();
});

test('an unfinished response is flagged as the strictest link does, and left alone where one cannot judge it', () => {
  const link = (unfinished: Readonly<Record<string, number | null>>): CascadeLink => {
    const inspector = functionInspector(() => 0.5);
    return { inspector: { ...inspector, abilities: { ...inspector.abilities, unfinished } } };
  };
  const { abilities } = cascade([link({ ethical: 0.8, factual: 0.5, helpful: 0.5 }), link({ ethical: 0.7, factual: null })]);
  expect(abilities.unfinished).toEqual({ ethical: 0.7, factual: null });
});

describe('what was not judged', () => {
  test.each<[Verdict['reason'], number]>([['failed', 1], ['empty', 0], ['no-context', 0]])('for the reason %s goes on %d time(s)', async (reason, times) => {
    const next = functionInspector(() => 0.4, { criteria });
    const inspector = cascade([{ inspector: functionInspector(() => unknown(reason), { criteria }), sure }, { inspector: next }]);
    const [inspection] = await inspector.inspect([{ response: 'a' }]);
    expect(inspection?.['ethical']?.status).toBe(times === 1 ? 'pass' : 'unknown');
    expect(next.calls).toHaveLength(times);
  });

  test('by the last link stays unknown', async () => {
    const inspector = cascade([{ inspector: reading(), sure }, { inspector: functionInspector(() => unknown('failed'), { criteria }) }]);
    expect(await inspector.inspect([{ response: '0.5' }])).toEqual([{ ethical: unknown('failed') }]);
  });
});

describe('the report', () => {
  test('says who decided and what a thousand exchanges cost', async () => {
    const inspector = cascade([{ inspector: reading({ version: 'cheap' }), sure, costPerThousand: 0.01 }, { inspector: reading({ version: 'dear' }), costPerThousand: 2 }]);
    expect(inspector.report()).toEqual({ exchanges: 0, links: [{ version: 'cheap', asked: 0, decided: 0 }, { version: 'dear', asked: 0, decided: 0 }], costPerThousand: 0 });
    await inspector.inspect(exchanges);
    await inspector.inspect([{ response: '0.1' }]);
    expect(inspector.report()).toEqual({
      exchanges: 5,
      links: [{ version: 'cheap', asked: 5, decided: 0.6 }, { version: 'dear', asked: 2, decided: 0.4 }],
      costPerThousand: expect.closeTo(0.01 + 0.8, 9),
    });
  });
});

describe('a link that fails', () => {
  const cause = new Error('secret text');
  const wrong = (inspections: unknown): Inspector => ({ ...reading(), inspect: async () => inspections as readonly Inspection[] });
  const failing: readonly [string, Inspector][] = [
    ['throws', scripted([{ throws: cause }])],
    ['throws in the same turn', { ...reading(), inspect: () => { throw cause; } }],
    ['gives nothing', wrong(undefined)],
    ['gives no verdict', wrong([{}])],
    ['gives too many verdicts', wrong([{ ethical: unknown('failed') }, { ethical: unknown('failed') }])],
    ['gives too few verdicts', wrong([])],
    ['gives NaN', wrong([{ ethical: { status: 'pass', misalignment: NaN, threshold: 0.5 } }])],
    ['gives another status', wrong([{ ethical: { status: 'fine', misalignment: 0, threshold: 0.5 } }])],
  ];

  test.each(failing)('as it %s leaves the decision to the next', async (_name, inspector) => {
    expect(scores(await cascade([{ inspector, sure }, { inspector: reading() }]).inspect([{ response: '0.4' }]))).toEqual([0.4]);
  });

  test.each(failing.slice(1))('as it %s at the end rejects with inspector-failed', async (_name, inspector) => {
    const act = cascade([{ inspector: reading(), sure }, { inspector }]).inspect([{ response: '0.5' }]);
    await expect(act).rejects.toMatchObject({ code: 'inspector-failed', message: expect.not.stringContaining('secret'), cause: expect.anything() });
  });

  test('on one batch is asked for the others', async () => {
    const first = scripted([{ throws: cause }, { verdicts: [{ ethical: 0 }] }], { maxBatchSize: 1 });
    const inspector = cascade([{ inspector: first, sure }, { inspector: reading() }]);
    expect(scores(await inspector.inspect([{ response: '0.4' }, { response: '0.4' }]))).toEqual([0.4, 0]);
  });

  test.each(['until-abort', 'forever'] as const)('as it hangs %s ends with the signal', async (hang) => {
    const controller = new AbortController();
    const next = reading();
    setTimeout(() => controller.abort('stop'), 5);
    const act = cascade([{ inspector: scripted([{ hang }]), sure }, { inspector: next }]).inspect(exchanges, { signal: controller.signal });
    await expect(act).rejects.toBe('stop');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(next).toHaveProperty('calls', []);
  });
});

test.each<[string, unknown, string]>([
  ['no links', [], 'value'],
  ['a link without an inspector', [{ inspector: {} }], '0.inspector'],
  ['a band that is turned around', [{ inspector: reading(), sure: { below: 0.8, above: 0.2 } }], '0.sure'],
  ['a band outside [0, 1]', [{ inspector: reading(), sure: { ethical: { below: -1, above: 2 } } }], '0.sure'],
  ['a cost below 0', [{ inspector: reading(), costPerThousand: -1 }], '0.costPerThousand'],
  ['an unknown key', [{ inspector: reading(), cost: 1 }], 'unknown key'],
])('links with %s are refused by name', (_name, links, field) => {
  const act = (): unknown => cascade(links as readonly CascadeLink[]);
  expect(act).toThrow(expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(field) }));
});
