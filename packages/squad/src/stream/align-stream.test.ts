import type { Inspector } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { createSquad } from '../create-squad.js';
import type { SquadOptions } from '../options.js';
import { fakeAligner, fakeInspector, never } from '../test-support.js';
import { alignStream } from './align-stream.js';
import { collectStream } from './collect-stream.js';
import type { StreamEvent } from './events.js';
import type { AlignStreamOptions } from './options.js';
import { calming, collect, inspectorOf, judgeWorst, readableOf, sourceOf, textOf } from './test-support.js';

const squadOf = (...criteria: string[]): SquadOptions => ({ inspectors: [inspectorOf(...criteria)], aligners: [calming(...criteria)] });
const text = 'One a1. Two a8. Three a2.';

async function stream(source: string, options: AlignStreamOptions = {}, squad = squadOf('a')): Promise<StreamEvent[]> {
  const { events, error } = await collect(alignStream(squad, sourceOf([source]), options));
  expect(error).toBeUndefined();
  return events;
}

test('clean windows go as they are, a flagged one is rewritten, and the end tells of all', async () => {
  const events = await stream(text);
  expect(events.map((event) => event.type)).toEqual([
    'verdict', 'text', 'verdict', 'correction', 'text', 'verdict', 'text', 'end',
  ]);
  expect(textOf(events)).toBe('One a1. Two a1. Three a2.');
  expect(events[2]).toMatchObject({ window: { start: 8, end: 16 }, outcome: 'aligned', inspection: { a: { status: 'flag' } } });
  expect(events.at(-1)).toMatchObject({
    released: 'One a1. Two a1. Three a2.',
    result: { outcome: 'aligned', original: text, response: 'One a1. Two a1. Three a2.', changed: true, inspections: { a: { status: 'pass' } } },
  });
});

test('a clean stream comes out as it went in, one call a window and one for the whole', async () => {
  const inspector = inspectorOf('a');
  const clean = 'One a1. Two a2. Three a3.';
  const { result, released } = await collectStream(alignStream({ inspectors: [inspector], aligners: [] }, sourceOf(clean), { prompt: 'Why?' }));
  expect(released).toBe(clean);
  expect(result).toMatchObject({ outcome: 'clean', changed: false, changes: [], timing: { inspectorCalls: 4 } });
  expect(inspector.calls.flat()).toEqual(['One a1. ', 'One a1. Two a2. ', clean, clean]);
});

test('one window alone is judged once', async () => {
  const squad = squadOf('a');
  const events = await stream('Only a9.', {}, squad);
  expect(squad.inspectors[0]).toMatchObject({ calls: [['Only a9.'], ['Only a1.']] });
  expect(events.at(-1)).toMatchObject({ result: { outcome: 'aligned', steps: [{ accepted: true }] } });
});

test('windows are inspected with no more than contextCharacters of whole windows before them', async () => {
  const inspector = inspectorOf('a');
  await stream('Aaaa. Bbbb. Cccc. Dddd.', { contextCharacters: 13 }, { inspectors: [inspector], aligners: [] });
  expect(inspector.calls.flat().slice(0, 4)).toEqual(['Aaaa. ', 'Aaaa. Bbbb. ', 'Aaaa. Bbbb. Cccc. ', 'Bbbb. Cccc. Dddd.']);
});

test('the aligner is given the window after the text that passed, with prompt and context', async () => {
  const aligner = calming('a');
  await stream(text, { prompt: 'Why?', context: 'c' }, { inspectors: [inspectorOf('a')], aligners: [aligner] });
  const [first] = aligner.requests;
  expect(first?.exchange).toMatchObject({ prompt: 'Why?', context: 'c', response: expect.stringMatching(/^One.* Two a8\. $/) });
});

describe('what inspectors say of unfinished responses', () => {
  const inspector = (unfinished: Record<string, number | null>): Inspector => ({ ...inspectorOf('a', 'b'), abilities: { maxBatchSize: 4, deterministic: true, unfinished } });
  const outcomes = async (source: string, unfinished: Record<string, number | null>, options: AlignStreamOptions = {}): Promise<string[]> => {
    const events = await stream(source, options, { inspectors: [inspector(unfinished)], aligners: [] });
    return events.flatMap((event) => (event.type === 'verdict' ? [event.outcome] : []));
  };

  test('a threshold holds for every window, and for the last where what came before fails that of whole answers', async () => {
    expect(await outcomes('One a6. Two a1.', {})).toEqual(['blocked', 'clean']);
    expect(await outcomes('One a6. Two a1.', { a: 0.7 })).toEqual(['clean', 'clean']);
    expect(await outcomes('One a1. Two a6.', { a: 0.7 })).toEqual(['clean', 'blocked']);
    expect(await outcomes('One a6. Two a8.', { a: 0.7 })).toEqual(['clean', 'blocked']);
  });

  test('a threshold of the caller goes before it', async () => {
    expect(await outcomes('One a6. Two a1.', { a: 0.7 }, { thresholds: { a: 0.5 } })).toEqual(['blocked', 'clean']);
  });

  test('null leaves a criterion to the end, and all criteria the whole answer', async () => {
    expect(await outcomes('One b9. Two b1.', { b: null })).toEqual(['clean', 'clean']);
    expect(await outcomes('One a1. Two a1.', { a: null, b: null })).toEqual(['clean']);
  });
});

describe('a window that can not be fixed', () => {
  const hopeless = (onUnfixed?: SquadOptions['onUnfixed']): SquadOptions => ({ ...squadOf('a'), aligners: [], onUnfixed });
  test.each<[string, SquadOptions['onUnfixed'], string, string]>([
    ['is withheld', undefined, 'One a1. Three a2.', 'blocked'],
    ['is replaced by a message', { block: '[…] ' }, 'One a1. […] Three a2.', 'blocked'],
    ['is replaced by a fallback that passes', { fallback: 'Two a0. ' }, 'One a1. Two a0. Three a2.', 'blocked'],
    ['is replaced by the message where the fallback fails', { fallback: 'a9', block: '- ' }, 'One a1. - Three a2.', 'blocked'],
    ['is released by keep', 'keep', text, 'unfixed'],
  ])('%s', async (_, policy, released, outcome) => {
    const events = await stream(text, {}, hopeless(policy));
    expect(textOf(events)).toBe(released);
    expect(events.at(-1)).toMatchObject({ released, result: { outcome, response: released } });
    const corrections = events.filter((event) => event.type === 'correction');
    expect(corrections).toHaveLength(policy === 'keep' ? 0 : 1);
    if (policy !== 'keep') expect(corrections[0]).toMatchObject({ window: { start: 8, end: 16 }, criteria: ['a'] });
  });

  test('ends the stream by an error under throw', async () => {
    const source = sourceOf(['One a1. Two a8. Three a2. '], never);
    const { events, error } = await collect(alignStream(hopeless(), source, { onUnfixed: 'throw' }));
    expect(error).toMatchObject({ code: 'blocked' });
    expect(textOf(events)).toBe('One a1. ');
    expect(source.state.closed).toBe(true);
  });

  test('is not part of the context of the next ones', async () => {
    const inspector = inspectorOf('a');
    await stream(text, {}, { inspectors: [inspector], aligners: [], onUnfixed: 'keep' });
    expect(inspector.calls.flat()[2]).toBe('One a1. Three a2.');
  });
});

test('no event but the end holds text that was not released', async () => {
  const squad = { inspectors: [inspectorOf('a')], aligners: [fakeAligner(['a'], ({ exchange }) => (exchange.response.includes('secret') ? 'Fine. ' : undefined))] };
  const events = await stream('One a1. A secret a9. A riddle a9. Four.', {}, squad);
  expect(events.filter((event) => event.type === 'correction')).toHaveLength(2);
  expect(JSON.stringify(events.slice(0, -1))).not.toMatch(/secret|riddle/);
});

describe('the whole answer', () => {
  // windows pass; two of them together do not
  const whole = (): SquadOptions => ({
    inspectors: [
      fakeInspector({ criteria: ['a'], judge: judgeWorst }),
      fakeInspector({ criteria: ['full'], judge: ({ response }) => (response.includes('Full.') ? 0.1 : 0.9) }),
    ],
    aligners: [fakeAligner(['full'], ({ exchange }) => `${exchange.response} Full.`)],
  });
  const wholeOnly = ['full'];

  test('is judged on criteria that no window is judged on, and its rewrite is a correction', async () => {
    const events = await stream('One a1. Two a2.', { wholeOnly }, whole());
    expect(textOf(events)).toBe('One a1. Two a2.');
    expect(events.at(-2)).toMatchObject({ type: 'correction', window: undefined, criteria: ['full'], response: 'One a1. Two a2. Full.' });
    expect(events.at(-1)).toMatchObject({
      released: 'One a1. Two a2.',
      result: { outcome: 'aligned', response: 'One a1. Two a2. Full.', inspections: { full: { status: 'pass' } }, originalInspections: { full: { status: 'flag' } } },
    });
    expect(events[0]).toMatchObject({ type: 'verdict', inspection: { a: { status: 'pass' } } });
    expect(events[0]).not.toHaveProperty('inspection.full');
  });

  test('is appended when that is wanted', async () => {
    const events = await stream('One a1.', { wholeOnly, closing: 'append' }, whole());
    expect(textOf(events)).toBe('One a1.\n\nOne a1. Full.');
    expect(events.at(-1)).toMatchObject({ released: 'One a1.\n\nOne a1. Full.', result: { outcome: 'aligned', response: 'One a1. Full.' } });
  });

  test('is judged only when no closing is wanted', async () => {
    const squad = whole();
    const events = await stream('One a1.', { wholeOnly, closing: 'none' }, squad);
    expect(events.at(-1)).toMatchObject({ released: 'One a1.', result: { outcome: 'unfixed', response: 'One a1.' } });
    expect(squad.aligners[0]).toMatchObject({ requests: [] });
  });

  test('that can not be fixed stays released, but not under throw', async () => {
    const squad = { ...whole(), aligners: [] };
    expect((await stream('One a1. Two a1.', { wholeOnly, onUnfixed: { block: '-' } }, squad)).at(-1)).toMatchObject({
      result: { outcome: 'unfixed', response: 'One a1. Two a1.' },
    });
    const { error } = await collect(alignStream(squad, sourceOf(['One a1. Two a1.']), { wholeOnly, onUnfixed: 'throw' }));
    expect(error).toMatchObject({ code: 'blocked' });
  });

  test('is not judged when all of it was withheld', async () => {
    const inspector = inspectorOf('a');
    const events = await stream('One a9. Two a9.', {}, { inspectors: [inspector], aligners: [] });
    expect(inspector.calls).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ released: '', result: { outcome: 'blocked', response: '', inspections: { a: { status: 'flag' } } } });
  });

  test('is held and judged once in mode whole', async () => {
    const squad = squadOf('a');
    const events = await stream(text, { mode: 'whole', maxHoldCharacters: 4 }, squad);
    expect(events.map((event) => event.type)).toEqual(['verdict', 'correction', 'text', 'end']);
    expect(squad.inspectors[0]).toMatchObject({ calls: [[text], ['One a1. Two a1. Three a2.']] });
    expect(events.at(-1)).toMatchObject({ result: await createSquad({ ...squadOf('a'), now: () => 0 }).align(text).then(({ timing: _, steps, ...rest }) => ({ ...rest, steps: [{ diff: steps[0]?.diff }] })) });
  });
});

test('an empty source is judged as the empty answer', async () => {
  expect(await stream('')).toMatchObject([{ type: 'end', released: '', result: { outcome: 'clean', original: '', inspections: { a: { status: 'pass' } } } }]);
});

test('white space alone asks no inspector', async () => {
  const inspector = inspectorOf('a');
  const events = await stream(`One a1.\n${' '.repeat(100)}`, {}, { inspectors: [inspector], aligners: [] });
  expect(textOf(events)).toHaveLength(108);
  expect(inspector.calls).toEqual([['One a1.\n']]);
});

test('a ReadableStream is a source', async () => {
  const source = readableOf(['One a', '1. Two a8. Th', 'ree a2.']);
  expect((await collectStream(alignStream(squadOf('a'), source))).released).toBe('One a1. Two a1. Three a2.');
});

test('order paper rewrites windows as well', async () => {
  expect(textOf(await stream(text, { order: 'paper' }))).toBe('One a1. Two a1. Three a2.');
});

describe('is refused with', () => {
  // casts, because the types forbid what is tested
  test.each<[string, unknown, unknown, string]>([
    ['an unknown option', 'a', { deadlineInMs: 1 }, 'invalid-options'],
    ['no object', 'a', null, 'invalid-options'],
    ['a mode that is none', 'a', { mode: 'word' }, 'invalid-options'],
    ['a hold of one character', 'a', { maxHoldCharacters: 1 }, 'invalid-options'],
    ['an unknown criterion', 'a', { criteria: ['z'] }, 'unknown-criterion'],
    ['wholeOnly that names none of the criteria', 'a', { wholeOnly: ['z'] }, 'invalid-options'],
    ['wholeOnly that names all', 'a', { wholeOnly: ['a'] }, 'invalid-options'],
    ['a prompt that is none', 'a', { prompt: 5 }, 'invalid-exchange'],
    ['a source that is none', undefined, {}, 'invalid-options'],
    ['a source of bytes', [new Uint8Array([65])], {}, 'invalid-options'],
    ['a source of numbers', [5], {}, 'invalid-options'],
  ])('%s', async (_, source, options, code) => {
    const opened = Array.isArray(source) ? readableOf(source) : source === 'a' ? sourceOf(['a']) : source;
    const { events, error } = await collect(alignStream(squadOf('a'), opened as AsyncIterable<string>, options as AlignStreamOptions));
    expect(error).toMatchObject({ code });
    expect(events).toEqual([]);
  });

  test('a ReadableStream that somebody reads', async () => {
    const source = readableOf(['a']);
    source.getReader();
    expect((await collect(alignStream(squadOf('a'), source))).error).toMatchObject({ code: 'invalid-options' });
  });
});

test('a stream without its end is refused', async () => {
  async function* cut(): AsyncGenerator<StreamEvent> {
    yield { type: 'text', text: 'a' };
  }
  await expect(collectStream(cut())).rejects.toMatchObject({ code: 'source-failed' });
});
