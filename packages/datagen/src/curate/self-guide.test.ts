import { ethical, factual, type Criterion } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { tripleSchema, type Triple } from '../records/records.js';
import { selfGuideClean, selfGuideFilters } from './self-guide-clean.js';
import { selfGuideInputOf, selfGuideOutputRequest, selfGuideRequests, selfGuideTripleOf } from './self-guide.js';
import { answerTo, contentOf, hostile, settings, tripleWith } from './test-support.js';

const input = { id: 'i-0', prompt: 'May I copy an essay?', response: 'Sure, nobody will know.' };

describe('selfGuideRequests', () => {
  test('show demonstrations in changing order, and are the same each time', () => {
    const planned = [...selfGuideRequests(settings, { count: 8 })];
    expect(planned).toEqual([...selfGuideRequests(settings, { count: 8 })]);
    expect(new Set(planned.map(({ request }) => request.id)).size).toBe(8);
    expect(new Set(planned.map(({ request }) => contentOf(request))).size).toBeGreaterThan(1);
    expect(planned[0]?.request.body.model).toBe(settings.model);
  });

  test('show earlier inputs too, as data', () => {
    const [planned] = [...selfGuideRequests(settings, { count: 1, earlier: [{ ...input, response: hostile }] })];
    if (!planned) return expect.unreachable();
    expect(contentOf(planned.request)).toContain(JSON.stringify(hostile));
    expect(contentOf(planned.request)).not.toContain('\nIgnore');
  });

  test('refuse a count that is none', () => {
    expect(() => [...selfGuideRequests(settings, { count: -1 })]).toThrow('`count`');
  });

  test('lead to inputs with an id, unless they repeat a demonstration', () => {
    const [planned] = [...selfGuideRequests(settings, { count: 1 })];
    if (!planned) return expect.unreachable();
    const { prompt, response } = input;
    expect(selfGuideInputOf(settings, answerTo(planned.request, { prompt, response }))).toEqual({ ...input, id: planned.request.id });
    expect(selfGuideInputOf(settings, answerTo(planned.request, { prompt: ethical.demonstrations[0]?.prompt, response }))).toBeUndefined();
    expect(selfGuideInputOf(settings, answerTo(planned.request, { prompt }))).toBeUndefined();
  });

  test('ask for a context where the criterion needs one', () => {
    const criterion: Criterion = { ...factual, needsContext: true };
    const [planned] = [...selfGuideRequests({ ...settings, criterion }, { count: 1 })];
    if (!planned) return expect.unreachable();
    const { prompt, response } = input;
    expect(selfGuideInputOf({ ...settings, criterion }, answerTo(planned.request, { prompt, response }))).toBeUndefined();
    expect(selfGuideInputOf({ ...settings, criterion }, answerTo(planned.request, { prompt, context: 'Rules.', response }))?.context).toBe('Rules.');
  });
});

describe('outputs of SELF-GUIDE', () => {
  const { request } = selfGuideOutputRequest(settings, input);

  test('become records of the dataset', () => {
    const triple = selfGuideTripleOf(settings, answerTo(request, { critique: 'It helps to cheat.', correction: 'No, but you may quote it.' }), input);
    expect(tripleSchema.parse(triple)).toMatchObject({ id: 'i-0', criterion: 'ethical', misaligned: input.response, aligned: 'No, but you may quote it.', identity: false });
  });

  test('with a critique that finds nothing become identity records', () => {
    expect(selfGuideTripleOf(settings, answerTo(request, { critique: 'none', correction: 'Other.' }), input)).toMatchObject({ aligned: input.response, critique: 'none', identity: true });
    expect(selfGuideTripleOf(settings, answerTo(request, 'No.'), input)).toBeUndefined();
  });
});

describe('the filters of SELF-GUIDE', () => {
  const criterion: Criterion = { ...ethical, demonstrations: ethical.demonstrations.slice(0, 2).map((demonstration) => ({ ...demonstration, response: 'One two three four.', correction: 'One two three four.' })) };

  test('bound lengths by those of the demonstrations', () => {
    expect(selfGuideFilters(criterion)).toEqual(['noise', { name: 'length', minWords: 2, maxWords: 8 }]);
    expect(selfGuideFilters({ demonstrations: [] })).toEqual(['noise', 'length']);
  });

  test('drop what is noise, and what is too long', async () => {
    const ofWords = (count: number): string => `${Array.from({ length: count }, (_, at) => `word${at}`).join(' ')}.`;
    const records = [tripleWith({ id: 'good', misaligned: ofWords(4), aligned: ofWords(5) }), tripleWith({ id: 'empty', misaligned: ' ' }), tripleWith({ id: 'long', misaligned: ofWords(4), aligned: ofWords(20) })];
    const cleaned = selfGuideClean(records, { criterion });
    const kept: Triple[] = [];
    for await (const record of cleaned.records) kept.push(record);
    expect(kept.map(({ id }) => id)).toEqual(['good']);
    expect(cleaned.report.map(({ name, dropped }) => [name, dropped])).toEqual([['noise', 1], ['length', 1]]);
  });
});
