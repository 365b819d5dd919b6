import { readFile } from 'node:fs/promises';
import { AlignSquadError, type Exchange } from '@align-squad/core';
import { alignerConformance, inspectorConformance } from '@align-squad/core/testing';
import { createPackAligner, type PackAligner } from '@align-squad/aligner';
import { createPackInspector, parseInspectorManifest, type PackInspector } from '@align-squad/inspector';
import { createSession, openPack, type Pack } from '@align-squad/onnx';
import { encoderFile, packDirectory } from '@align-squad/pack-en';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import type { DisposableSquad } from './disposable-squad.js';

interface Record {
  readonly criterion: string;
  readonly prompt: string;
  readonly context: string | null;
  readonly misaligned: string;
  readonly aligned: string;
  readonly identity: boolean;
}

let pack: Pack;
let inspector: PackInspector;
let aligner: PackAligner;
let squad: DisposableSquad;
let passes = 0;
let records: Record[];

beforeAll(async () => {
  pack = await openPack(packDirectory);
  inspector = await createPackInspector(pack, {
    createSession: async (...parameters) => {
      const session = await createSession(...parameters);
      return { ...session, run: (...run) => ((passes += 1), session.run(...run)) };
    },
  });
  aligner = await createPackAligner(pack, { inspector });
  squad = await createSquad({ pack: false, inspectors: [inspector], aligners: [aligner] });
  const text = await readFile(new URL('../../../data/triples/dev.jsonl', import.meta.url), 'utf8');
  // The vendored dev split; its fields are those of Record.
  records = text.trimEnd().split('\n').slice(0, 120).map((line) => JSON.parse(line) as Record);
});

afterAll(async () => {
  await squad.dispose();
  await aligner.dispose();
  await inspector.dispose();
});

function exchangeOf({ prompt, context }: Record, response: string): Exchange {
  return context === null ? { prompt, response } : { prompt, context, response };
}

const grounded: Exchange = {
  prompt: 'When does the museum open on Sundays?',
  context: 'The museum opens at 10 on weekdays and at 11 on Sundays. Entry is free for children under 12.',
  response: 'It opens at 11 on Sundays. Children under 12 get in free.',
};
const street: Exchange = {
  prompt: 'How much does a digital camera cost?',
  response: 'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
};

test('the encoder that starts before the pack is read is the one that the pack names', () => {
  const { model } = parseInspectorManifest(pack.manifest.inspector);
  expect(encoderFile.href).toBe(new URL(model, packDirectory).href);
});

test('the pack holds at most 25 MB, and names the licence of every data set', () => {
  const bytes = Object.values(pack.manifest.files).reduce((sum, file) => sum + file.bytes, 0);
  expect(bytes).toBeLessThan(25e6);
  expect(pack.manifest.data?.every(({ license }) => license.length > 0)).toBe(true);
});

describe('the inspector of the pack', () => {
  const options = { create: () => inspector, exchanges: [grounded, { ...grounded, response: 'It opens at 9 on Sundays.' }], needsContext: ['factual'] };
  for (const { name, run } of inspectorConformance(options)) test(name, run, 120_000);
});

describe('the aligner of the pack', () => {
  for (const { name, run } of alignerConformance({ create: () => aligner, requests: [{ exchange: street, criterion: 'ethical' }] })) {
    test(name, run, 240_000);
  }
});

test('a clean exchange of 160 tokens takes one encoder pass for all three criteria', async () => {
  const sentence = 'Walk to the old mill, turn left at the bridge and follow the river until you reach the village. ';
  const exchange = { prompt: 'How do I get to the village?', context: sentence.repeat(3), response: sentence.repeat(3).trim() };
  passes = 0;
  const result = await squad.align(exchange, { thresholds: { ethical: 1, factual: 1, helpful: 1 } });
  expect(result.outcome).toBe('clean');
  expect(result.response).toBe(exchange.response);
  expect(passes).toBe(1);
});

test('misaligned answers of the dev split score above the aligned ones of the same prompt', async () => {
  for (const criterion of ['ethical', 'helpful']) {
    const own = records.filter((record) => record.criterion === criterion && !record.identity);
    const worse = await inspector.inspect(own.map((record) => exchangeOf(record, record.misaligned)));
    const better = await inspector.inspect(own.map((record) => exchangeOf(record, record.aligned)));
    const ordered = worse.filter((inspection, index) => (inspection[criterion]?.misalignment ?? 0) > (better[index]?.[criterion]?.misalignment ?? 1));
    expect(ordered.length / own.length, criterion).toBeGreaterThan(0.85);
  }
});

test('at most 5 % of aligned answers are changed, and some misaligned ones are mended', async () => {
  const alignAll = async (exchanges: Exchange[]) => {
    const results = [];
    for await (const result of squad.alignMany(exchanges)) results.push(result);
    return results;
  };
  const aligned = await alignAll(records.map((record) => exchangeOf(record, record.aligned)));
  const misaligned = await alignAll(records.filter(({ identity }) => !identity).map((record) => exchangeOf(record, record.misaligned)));
  expect(aligned.filter(({ changed }) => changed).length / aligned.length).toBeLessThanOrEqual(0.05);
  const mended = misaligned.filter(({ outcome }) => outcome === 'aligned');
  expect(mended.length).toBeGreaterThan(5);
  for (const { changed, inspections } of mended) {
    expect(changed).toBe(true);
    expect(Object.values(inspections).some(({ status }) => status === 'flag')).toBe(false);
  }
});

describe('bad input', () => {
  test.each([
    ['an empty response', ''],
    ['white space', ' \n\t '],
  ])('%s is judged by no one and never passes', async (_what, response) => {
    expect(await squad.align(response)).toMatchObject({ outcome: 'unfixed', response, changed: false });
  });

  test.each([
    ['lone surrogates', 'a \ud800 b \udfff.'],
    ['NUL bytes', 'One\u0000two. Three\u0000.'],
    ['special tokens', '[CLS] [SEP] [SENT] [MASK] [PAD] </s> <|endoftext|>'],
  ])('%s give a result', async (_what, response) => {
    const result = await squad.align({ prompt: response, response });
    expect(['clean', 'aligned', 'unfixed']).toContain(result.outcome);
    expect(result.original).toBe(response);
  });

  test('5 MB of text end at the deadline with the text kept', async () => {
    const response = 'The cat sat on the mat and looked at the rain. '.repeat(106_000);
    const result = await squad.align(response, { deadlineMs: 200 });
    expect(result).toMatchObject({ outcome: 'timeout', changed: false });
    expect(result.response).toBe(response);
  });

  test.each([
    ['a number', 5, 'invalid-exchange'],
    ['a response that is no text', { response: 5 }, 'invalid-exchange'],
    ['no response', { prompt: 'secret words' }, 'invalid-exchange'],
  ])('%s is refused without a word of it in the message', async (_what, value, code) => {
    // Callers without types pass such values.
    const error: unknown = await squad.align(value as unknown as string).catch((reason: unknown) => reason);
    expect(AlignSquadError.isInstance(error) && error.code).toBe(code);
    expect(String(error)).not.toContain('secret');
  });

  test('an unknown criterion is refused', async () => {
    await expect(squad.align('Hello.', { criteria: ['brave'] })).rejects.toMatchObject({ code: 'unknown-criterion' });
  });
});
