import { collectCorrection, type AlignRequest, type Inspector } from '@align-squad/core';
import { alignerConformance } from '@align-squad/core/testing';
import { createPackInspector, type PackInspector } from '@align-squad/inspector';
import type { Pack } from '@align-squad/onnx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTinyPack, tinyFiles, type TinyPack } from '../../../../tests/support/tiny-pack.js';
import type { PackAligner } from '../designs/pack-aligner-base.js';
import { createPackAligner } from './pack-aligner.js';

const garden: AlignRequest = {
  exchange: { prompt: 'What do you say in the garden?', response: 'The river is cold.\n\nAwful people. The sun shines.' },
  criterion: 'ethical',
};
const tea: AlignRequest = { exchange: { prompt: 'How do you do tea?', response: 'It is vague.' }, criterion: 'helpful' };
const rain: AlignRequest = {
  exchange: { prompt: 'Why?', context: 'The rain falls gently. The kettle boils.', response: 'The rain wrongly rises. It is cold.' },
  criterion: 'factual',
};

let tiny: TinyPack;
let inspector: PackInspector;
let aligner: PackAligner;
let inspected = 0;

beforeAll(async () => {
  tiny = await createTinyPack();
  inspector = await createPackInspector(tiny.pack);
  aligner = await createPackAligner(tiny.pack, { inspector: counted() });
});

afterAll(async () => {
  await aligner.dispose();
  await inspector.dispose();
  await tiny.remove();
});

/** The inspector, which adds up the exchanges that it is given. */
function counted(): Inspector {
  return {
    ...inspector,
    inspect: (exchanges, options) => {
      inspected += exchanges.length;
      return inspector.inspect(exchanges, options);
    },
  };
}

async function rewrites(request: AlignRequest): Promise<string[]> {
  const found: string[] = [];
  for (let candidate = 0; candidate < aligner.abilities.maxCandidates; candidate++) {
    const correction = await collectCorrection(aligner, { ...request, candidate });
    if (correction.outcome === 'rewritten') found.push(correction.response);
  }
  return found;
}

describe('conforms to the contract', () => {
  for (const { name, run } of alignerConformance({ create: () => aligner, requests: [garden, tea, rain] })) test(name, run);
});

describe('rewrites', () => {
  test('edit the faulty sentence, and keep the rest of the response character for character', async () => {
    const found = await rewrites(garden);
    expect(found.toSorted()).toEqual([
      'The river is cold.\n\nApple trees grow gently. The sun shines.',
      'The river is cold.\n\nThe sun shines.',
    ]);
  });

  test('take a whole answer from the bank', async () => {
    expect(await rewrites(tea)).toContain('The kettle boils, and the tea is good.');
  });

  test('take sentences from the context', async () => {
    expect(await rewrites(rain)).toContain('The rain falls gently. It is cold.');
  });

  test('are all found aligned by the inspector', async () => {
    for (const request of [garden, tea, rain]) {
      const responses = await rewrites(request);
      const inspections = await inspector.inspect(responses.map((response) => ({ ...request.exchange, response })));
      expect(inspections.map((inspection) => inspection[request.criterion]?.status)).toEqual(responses.map(() => 'pass'));
    }
  });

  test('are none where nothing mends the response', async () => {
    expect(await rewrites({ exchange: { response: 'Awful.' }, criterion: 'ethical' })).toEqual([]);
  });

  test('are worked out once for all candidates of a request', async () => {
    await rewrites(tea);
    inspected = 0;
    await rewrites(garden);
    const first = inspected;
    await rewrites(garden);
    expect([first > 0, inspected - first]).toEqual([true, 0]);
  });

  test('follow the sentence scores of the request, not those of the request before', async () => {
    const spans = (worst: number) => [0, 1].map((index) => ({ start: 10 * index, end: 10 * index + 10, misalignment: index === worst ? 0.9 : 0.1 }));
    const asked = (worst: number): AlignRequest => ({
      exchange: { response: 'It is so. It was so.' },
      criterion: 'ethical',
      verdict: { status: 'flag', misalignment: 0.9, threshold: 0.5, spans: spans(worst) },
    });
    expect([await rewrites(asked(0)), await rewrites(asked(1))]).toEqual([['It was so.'], ['It is so.']]);
  });
});

test('a long response is inspected as often as a short one', async () => {
  const count = async (times: number): Promise<number> => {
    inspected = 0;
    await rewrites({ exchange: { response: `${'The sun shines. '.repeat(times)}The people are awful. It is awful.` }, criterion: 'ethical' });
    return inspected;
  };
  expect(await count(300)).toBe(await count(3));
});

test('rejects an unknown criterion before any work', async () => {
  inspected = 0;
  await expect(collectCorrection(aligner, { ...garden, criterion: 'other' })).rejects.toMatchObject({ code: 'unknown-criterion' });
  expect(inspected).toBe(0);
});

test('rejects what is not an exchange', async () => {
  const request = { ...garden, exchange: { response: 3 } } as unknown as AlignRequest;
  await expect(collectCorrection(aligner, request)).rejects.toMatchObject({ code: 'invalid-exchange' });
});

test('stops between two windows of an inspection at the signal', async () => {
  const controller = new AbortController();
  const reason = { aborted: 'by a test' };
  const late = await createPackAligner(tiny.pack, {
    inspector: {
      ...inspector,
      inspect: (exchanges, options) => {
        setImmediate(() => controller.abort(reason));
        return inspector.inspect(exchanges, options);
      },
    },
  });
  const exchange = { response: 'The sun shines awful. '.repeat(300) };
  await expect(collectCorrection(late, { exchange, criterion: 'ethical' }, { signal: controller.signal })).rejects.toBe(reason);
  await late.dispose();
});

test('rejects with `disposed` once it is disposed, also what it has rewritten before', async () => {
  const short = await createPackAligner(tiny.pack, { inspector });
  await collectCorrection(short, garden);
  await short.dispose();
  await expect(collectCorrection(short, garden)).rejects.toMatchObject({ code: 'disposed' });
});

test('without an inspector the design that needs one is refused', async () => {
  await expect(createPackAligner(tiny.pack)).rejects.toMatchObject({ code: 'invalid-options', message: expect.stringContaining('`inspector`') });
});

describe('a broken pack', () => {
  const section = (change: Readonly<Record<string, unknown>>): Pack =>
    ({ ...tiny.pack, manifest: { ...tiny.pack.manifest, aligner: { ...tiny.pack.manifest.aligner, ...change } } });
  const rejection = (pack: Pack): Promise<unknown> =>
    createPackAligner(pack, { inspector }).then(async (made) => collectCorrection(made, garden).finally(() => made.dispose())).catch((error: unknown) => error);

  test.each<[string, () => Pack, string]>([
    ['without an aligner', () => ({ ...tiny.pack, manifest: { ...tiny.pack.manifest, aligner: undefined } }), 'pack-invalid'],
    ['with an unknown key', () => section({ surprise: 1 }), 'pack-invalid'],
    ['whose bank is other JSON', () => section({ bank: tinyFiles.tokenizer }), 'pack-invalid'],
    ['whose vectors are another file', () => section({ vectors: tinyFiles.bank }), 'pack-invalid'],
    ['whose embedder is another model', () => section({ embedder: tinyFiles.inspector }), 'pack-invalid'],
    ['whose embedder is not a graph', () => section({ embedder: tinyFiles.bank }), 'model-invalid'],
    ['whose embedder has another width', () => narrow(section({ width: 16 })), 'pack-invalid'],
  ])('%s is refused', async (_name, pack, code) => {
    expect(await rejection(pack())).toMatchObject({ name: 'AlignSquadError', code });
  });

  /** A pack whose vectors fit a width of 16, which its embedder does not have. */
  function narrow(pack: Pack): Pack {
    return { ...pack, readBytes: async (file) => (await pack.readBytes(file)).slice(0, 4 * 16) };
  }
});
