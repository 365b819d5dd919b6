import { describe, expect, test } from 'vitest';
import type { Inspection, Inspector, Verdict } from '../inspector.js';
import { splitSentences } from '../text/sentences.js';
import { functionInspector, inspectorConformance, type InspectorConformanceOptions } from './index.js';

const exchanges = [
  { prompt: 'How are you?', context: 'All is well.', response: 'Well. And you?' },
  { prompt: 'Who are you?', context: 'All is well.', response: 'No one in particular, since you ask.' },
  { context: 'All is well.', response: 'All is well.' },
];

const score = (response: string): number => (response.length % 97) / 97;

function sound(): Inspector {
  return functionInspector(
    ({ response }) => {
      const misalignment = score(response);
      const spans = splitSentences(response).map((span) => ({ ...span, misalignment }));
      return { status: misalignment >= 0.2 ? 'flag' : 'pass', misalignment, threshold: 0.2, spans };
    },
    { needsContext: ['factual'] },
  );
}

function suite(create: () => Inspector, more: Partial<InspectorConformanceOptions> = {}): Promise<string[]> {
  return failures(inspectorConformance({ create, exchanges, needsContext: ['factual'], ...more }));
}

async function failures(cases: ReturnType<typeof inspectorConformance>): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    await run().catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'AlignSquadError', code: 'conformance' });
      failed.push(name);
    });
  }
  return failed;
}

/** The sound inspector with its inspections, or its whole `inspect`, broken. */
function broken(change: (inspections: readonly Inspection[]) => readonly Inspection[]): () => Inspector {
  return () => {
    const inspector = sound();
    return { ...inspector, inspect: async (...call) => change(await inspector.inspect(...call)) };
  };
}

function brokenInspect(make: (inspector: Inspector) => Inspector['inspect']): () => Inspector {
  return () => ({ ...sound(), inspect: make(sound()) });
}

function withVerdicts(change: (verdict: Verdict) => Verdict): () => Inspector {
  return broken((inspections) =>
    inspections.map((one) => Object.fromEntries(Object.entries(one).map(([id, verdict]) => [id, change(verdict)]))),
  );
}

describe('a sound inspector passes', () => {
  for (const { name, run } of inspectorConformance({ create: sound, exchanges, needsContext: ['factual'] })) {
    test(name, run);
  }
});

test('a sound inspector that takes one exchange at a time passes', async () => {
  const create = (): Inspector => ({ ...sound(), abilities: { maxBatchSize: 1, deterministic: true } });
  expect(await suite(create)).toEqual([]);
});

test('disposes of the subject after each case, also when the case failed', async () => {
  let alive = 0;
  const create = (): Inspector => {
    alive += 1;
    return broken(() => [])();
  };
  await suite(create, { dispose: () => void (alive -= 1) });
  expect(alive).toBe(0);
});

describe('a broken inspector is caught', () => {
  let calls = 0;
  test.each<[string, () => Inspector, string]>([
    ['loses an exchange', broken((all) => all.slice(1)), 'gives one inspection an exchange, in order'],
    ['reverses the order', broken((all) => [...all].reverse()), 'judges an exchange alone as in a batch, and twice the same'],
    [
      'sorts its batch',
      brokenInspect((inspector) => (all, options) => {
        return inspector.inspect([...all].sort((a, b) => a.response.length - b.response.length), options);
      }),
      'gives one inspection an exchange, in order',
    ],
    ['invents an inspection', broken((all) => (all.length === 0 ? [{}] : all)), 'gives an empty list for an empty list'],
    [
      'judges all criteria always',
      brokenInspect((inspector) => (all, options) => inspector.inspect(all, { ...options, criteria: undefined })),
      'judges only the criteria that it is asked for',
    ],
    [
      'ignores an unknown criterion',
      brokenInspect((inspector) => (all, options) => {
        const criteria = options?.criteria?.filter((id) => inspector.criteria.includes(id));
        return inspector.inspect(all, { ...options, criteria });
      }),
      'rejects an unknown criterion',
    ],
    ['gives NaN', withVerdicts((one) => ({ ...one, misalignment: Number.NaN })), 'judges ordinary exchanges'],
    ['gives a score over 1', withVerdicts((one) => ({ ...one, misalignment: 1.5 })), 'judges ordinary exchanges'],
    ['gives a negative threshold', withVerdicts((one) => ({ ...one, threshold: -1 })), 'judges ordinary exchanges'],
    ['passes everything', withVerdicts((one) => ({ ...one, status: 'pass' })), 'judges ordinary exchanges'],
    [
      'knows nothing',
      withVerdicts((one) => ({ ...one, status: 'unknown', reason: 'failed' })),
      'judges ordinary exchanges',
    ],
    [
      'gives no reason',
      withVerdicts(({ reason: _, ...one }) => one),
      'leaves a criterion that needs a context unknown without one',
    ],
    [
      'guesses without a context',
      () => functionInspector(({ response }) => score(response)),
      'leaves a criterion that needs a context unknown without one',
    ],
    [
      'depends on the batch',
      brokenInspect((inspector) => async (all, options) => {
        const shift = 0.01 * (all.length - 1);
        return (await inspector.inspect(all, options)).map((one) =>
          Object.fromEntries(Object.entries(one).map(([id, verdict]) => [id, shifted(verdict, shift)])),
        );
      }),
      'judges an exchange alone as in a batch, and twice the same',
    ],
    [
      'changes from call to call',
      withVerdicts((one) => shifted(one, 0.001 * (calls++ % 7))),
      'judges an exchange alone as in a batch, and twice the same',
    ],
    [
      'crashes on empty text',
      () => functionInspector(({ response }) => score(response.trim().charAt(0).repeat(9)) / Math.min(1, response.length)),
      'gives a verdict on empty as response, prompt and context',
    ],
    [
      'crashes on special tokens',
      () =>
        functionInspector(({ response }) => {
          if (response.includes('[SEP]')) throw new TypeError('broken');
          return 0;
        }),
      'gives a verdict on special tokens as response, prompt and context',
    ],
    [
      'crashes on lone surrogates',
      () => functionInspector(({ response }) => encodeURIComponent(response).length * 0),
      'gives a verdict on a lone high surrogate as response, prompt and context',
    ],
    ['gives spans beyond the text', withSpan({ start: 0, end: 99_999 }), 'judges ordinary exchanges'],
    ['gives an empty span', withSpan({ start: 0, end: 0 }), 'judges ordinary exchanges'],
    ['gives overlapping spans', withSpan({ start: 0, end: 2 }, { start: 1, end: 3 }), 'judges ordinary exchanges'],
    ['gives spans out of order', withSpan({ start: 2, end: 3 }, { start: 0, end: 1 }), 'judges ordinary exchanges'],
    ['gives broken offsets', withSpan({ start: 0.5, end: 1 }), 'judges ordinary exchanges'],
    [
      'ignores its signal',
      brokenInspect((inspector) => (all, options) => inspector.inspect(all, { ...options, signal: undefined })),
      'rejects with the reason of a signal that is aborted before',
    ],
    [
      'looks at its signal only at first',
      brokenInspect((inspector) => async (all, options) => {
        options?.signal?.throwIfAborted();
        return inspector.inspect(all, { ...options, signal: undefined });
      }),
      'rejects with the reason of a signal that is aborted meanwhile',
    ],
    [
      'wraps the reason',
      brokenInspect((inspector) => async (all, options) => {
        return inspector.inspect(all, options).catch((cause: unknown) => Promise.reject(new TypeError('x', { cause })));
      }),
      'rejects with the reason of a signal that is aborted meanwhile',
    ],
    [
      'leaves a listener',
      brokenInspect((inspector) => async (all, options) => {
        options?.signal?.addEventListener('abort', () => undefined);
        return inspector.inspect(all, options);
      }),
      'leaves no listener on the signal',
    ],
    ['has no batch size', () => ({ ...sound(), abilities: { maxBatchSize: 0, deterministic: true } }), 'describes itself'],
    ['has no criteria', () => ({ ...sound(), criteria: [] }), 'describes itself'],
    ['lists a criterion twice', () => ({ ...sound(), criteria: ['ethical', 'ethical'] }), 'describes itself'],
    ['has no version', () => ({ ...sound(), version: '' }), 'describes itself'],
  ])('one that %s', async (_, create, caughtBy) => {
    expect(await suite(create)).toContain(caughtBy);
  });
});

test('an inspector that says it is not deterministic may differ from call to call', async () => {
  let calls = 0;
  const create = (): Inspector => ({
    ...withVerdicts((one) => shifted(one, 0.001 * (calls++ % 7)))(),
    abilities: { maxBatchSize: 8, deterministic: false },
  });
  expect(await suite(create)).toEqual([]);
});

test('an inspector that need not be usable may know nothing', async () => {
  const create = withVerdicts((one) => ({ ...one, status: 'unknown', reason: one.reason ?? 'failed' }));
  expect(await suite(create, { expectUsable: false })).toEqual([]);
});

test('the suite asks for at least two exchanges', async () => {
  expect(await suite(sound, { exchanges: exchanges.slice(0, 1) })).toEqual(['gives one inspection an exchange, in order']);
});

function shifted(verdict: Verdict, shift: number): Verdict {
  if (verdict.status === 'unknown') return verdict;
  const misalignment = Math.min(1, verdict.misalignment + shift);
  return { ...verdict, misalignment, status: misalignment >= verdict.threshold ? 'flag' : 'pass' };
}

function withSpan(...spans: readonly { readonly start: number; readonly end: number }[]): () => Inspector {
  return withVerdicts((verdict) => ({ ...verdict, spans: spans.map((span) => ({ ...span, misalignment: 0.5 })) }));
}
