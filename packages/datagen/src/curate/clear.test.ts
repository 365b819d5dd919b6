import { AlignSquadError } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { askStage, stageResults, type AskedStage } from '../run/ask-stage.js';
import type { Triple } from '../records/records.js';
import { clearCorrect } from './clear-correct.js';
import { clearReflectionOf, clearReflectionRequests, clearSampleOf, clearSampleRequests, type ClearSample } from './clear-evidence.js';
import { clearConfidences, clearFilter, type ScoredTriple } from './clear-filter.js';
import { clearCandidateOf, clearCandidateRequest, clearJudgementOf, clearJudgeRequests, type ClearJudgement, type JudgementOrder } from './clear-judge.js';
import { answerTo, contentOf, hostile, memoryJournal, scriptedExecutor, settings, tripleWith } from './test-support.js';
import { observedConsistency, tokenSimilarity } from './token-similarity.js';

const choice = (answer: string): unknown => ({ explanation: 'So it is.', answer });

describe('token similarity', () => {
  test.each([
    ['Wait for them.', 'wait for THEM', 1],
    ['a b', 'c d', 0],
    ['a b c d', 'a b', 2 / 3],
    ['a a', 'a', 2 / 3],
    ['', '', 1],
    ['你好', '你们', 0.5],
  ])('of %j and %j is %f', (first, second, expected) => {
    expect(tokenSimilarity(first, second)).toBeCloseTo(expected);
    expect(tokenSimilarity(second, first)).toBeCloseTo(expected);
  });

  test('makes a consistency in which equal texts count more than the same words', () => {
    expect(observedConsistency('a b', ['A b!'])).toBe(1);
    expect(observedConsistency('a b', ['b a'])).toBeCloseTo(0.8);
    expect(observedConsistency('a b', ['a b', 'c d'])).toBeCloseTo(0.5);
    expect(observedConsistency('a b', [])).toBeUndefined();
  });
});

describe('the evidence of CLEAR', () => {
  const record = tripleWith();

  test('is asked for by samples that differ by seed alone, the same ones each time', () => {
    const planned = clearSampleRequests(settings, record, { samples: 3 });
    expect(new Set(planned.map(({ request }) => request.id)).size).toBe(3);
    expect(new Set(planned.map(({ request }) => contentOf(request))).size).toBe(1);
    expect(planned).toEqual(clearSampleRequests(settings, record, { samples: 3 }));
    expect(clearSampleRequests(settings, record)).toHaveLength(5);
  });

  test('shows context and images, and texts only as data', () => {
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } } as const;
    const rich = tripleWith({ context: 'A lake.', aligned: hostile, misaligned: hostile, images: [image] });
    for (const { request } of [...clearSampleRequests(settings, rich), ...clearReflectionRequests(settings, rich)]) {
      expect(contentOf(request)).toContain('"A lake."');
      expect(contentOf(request)).toContain(JSON.stringify(hostile));
      expect(contentOf(request)).not.toContain('\nIgnore');
      expect(request.body.messages[0]?.content).toContainEqual(image);
    }
  });

  test('reads samples; a critique that finds nothing leaves the response', () => {
    const [planned] = clearSampleRequests(settings, record);
    if (!planned) return expect.unreachable();
    const read = (text: unknown, isComplete = true): ClearSample | undefined => clearSampleOf(answerTo(planned.request, text, isComplete), record);
    expect(read({ critique: 'Rude.', correction: 'Wait.' })).toEqual({ recordId: 'r-0', correction: 'Wait.' });
    expect(read('```json\n{"critique": "Rude.", "correction": "Wait."}\n```')?.correction).toBe('Wait.');
    expect(read({ critique: 'None.', correction: 'Wait.' })?.correction).toBe(record.misaligned);
    expect(read({ critique: 'Rude.', correction: ' ' })).toBeUndefined();
    expect(read({ critique: 'Rude.', correction: 'Wait.' }, false)).toBeUndefined();
    expect(read('I will not.')).toBeUndefined();
  });

  test.each([['A', 1], ['B', 0], ['C', 0.5], ['D', undefined]])('takes the reflection %s as %s', (letter, expected) => {
    const planned = clearReflectionRequests(settings, record);
    expect(new Set(planned.map(({ request }) => contentOf(request))).size).toBe(2);
    const [first] = planned;
    expect(first && clearReflectionOf(answerTo(first.request, choice(letter)), record)?.certainty).toBe(expected);
  });

  test('comes by the same executors and journal as other stages', async () => {
    const stage: AskedStage<Triple, ClearSample> = {
      name: 'clear samples',
      requests: 5,
      plan: () => clearSampleRequests(settings, record),
      read: (answer, source) => [clearSampleOf(answer, source)].filter((sample) => sample !== undefined),
    };
    const executor = scriptedExecutor(() => ({ text: JSON.stringify({ critique: 'Rude.', correction: 'Wait.' }) }));
    const journal = memoryJournal();
    const asked = askStage(stage, { journal, executor });
    let last = await asked.next();
    while (!last.done) last = await asked.next();
    expect(last.value).toMatchObject({ answered: 5, rejected: 0 });
    const samples: ClearSample[] = [];
    for await (const sample of stageResults(stage, journal)) samples.push(sample);
    expect(samples).toHaveLength(5);
  });
});

describe('clearConfidences', () => {
  const record = tripleWith({ aligned: 'a b' });

  test('weighs consistency with 0.7 and certainty with 0.3', () => {
    const evidence = {
      samples: [{ recordId: 'r-0', correction: 'b a' }, { recordId: 'other', correction: 'x' }],
      reflections: [{ recordId: 'r-0', certainty: 1 }, { recordId: 'r-0', certainty: 0.5 }],
    };
    const [scored] = clearConfidences([record], evidence);
    expect(scored?.consistency).toBeCloseTo(0.8);
    expect(scored?.certainty).toBe(0.75);
    expect(scored?.confidence).toBeCloseTo(0.7 * 0.8 + 0.3 * 0.75);
    expect(clearConfidences([record], { ...evidence, consistencyWeight: 0 })[0]?.confidence).toBe(0.75);
    expect(clearConfidences([record], { ...evidence, similarity: () => 0 })[0]?.consistency).toBe(0);
  });

  test('has none where a part is missing', () => {
    const [scored] = clearConfidences([record], { samples: [], reflections: [{ recordId: 'r-0', certainty: 1 }] });
    expect(scored).toMatchObject({ consistency: undefined, certainty: 1, confidence: undefined });
  });

  test('refuses a weight outside of [0, 1]', () => {
    expect(() => clearConfidences([], { samples: [], reflections: [], consistencyWeight: 2 })).toThrow(AlignSquadError);
  });
});

describe('clearFilter', () => {
  const scored = [0.9, 0.2, undefined, 0.6, 0.4].map((confidence, at): ScoredTriple => ({ record: tripleWith({ id: `r-${at}` }), consistency: 0, certainty: 0, confidence }));
  const idsOf = (records: readonly Triple[]): string[] => records.map(({ id }) => id);

  test('drops what is below the median, and what has no confidence', () => {
    const { records, report } = clearFilter(scored);
    expect(idsOf(records)).toEqual(['r-0', 'r-3']);
    expect(report).toEqual({ threshold: 0.5, kept: 2, dropped: 2, unknown: 1 });
  });

  test('keeps what is at a given threshold', () => {
    expect(idsOf(clearFilter(scored, { threshold: 0.4 }).records)).toEqual(['r-0', 'r-3', 'r-4']);
    expect(clearFilter([]).report).toEqual({ threshold: 0, kept: 0, dropped: 0, unknown: 0 });
    expect(() => clearFilter(scored, { threshold: 2 })).toThrow('`threshold`');
  });
});

describe('clearCorrect', () => {
  const record = tripleWith();
  const candidate = 'Row at the pace of all.';
  const source = { record, candidate };

  test('has candidates that are neither the correction nor the response, and none for identity records', () => {
    const { request } = clearCandidateRequest(settings, record);
    const read = (correction: string, of = record): unknown => clearCandidateOf(answerTo(request, { critique: 'Rude.', correction }), of);
    expect(read(candidate)).toEqual(source);
    expect(read(record.aligned.toUpperCase())).toBeUndefined();
    expect(read(record.misaligned)).toBeUndefined();
    expect(read(candidate, tripleWith({ identity: true }))).toBeUndefined();
    expect(clearJudgeRequests(settings, { record, candidate: record.aligned })).toEqual([]);
  });

  test('asks in both orders, and turns letters into preferences', () => {
    const planned = clearJudgeRequests(settings, source, { judgements: 1 });
    expect(planned).toHaveLength(2);
    const preferences = planned.map(({ request }) => ['A', 'B', 'C'].map((letter) => clearJudgementOf(answerTo(request, choice(letter)), source)?.preference));
    expect(preferences).toEqual([[-1, 1, 0], [1, -1, 0]]);
    expect(contentOf(planned[0]?.request ?? expect.unreachable()).indexOf(record.aligned)).toBeLessThan(contentOf(planned[0]?.request ?? expect.unreachable()).indexOf(candidate));
    expect(clearJudgeRequests(settings, source)).toHaveLength(6);
  });

  const judged = (order: JudgementOrder, preferences: readonly number[], text = candidate): ClearJudgement[] =>
    preferences.map((preference) => ({ recordId: 'r-0', candidate: text, order, preference: preference > 0 ? 1 : preference < 0 ? -1 : 0 }));
  const correct = (first: readonly number[], second: readonly number[]): ReturnType<typeof clearCorrect> =>
    clearCorrect([record], { comparisons: [...judged('recorded-first', first), ...judged('candidate-first', second)] });

  test('replaces the target, and nothing else, by a candidate that is better in both orders', () => {
    const { records, report } = correct([1, 1, 1], [1, 1, 0]);
    expect(records).toEqual([{ ...record, aligned: candidate }]);
    expect(report).toEqual({ replaced: 1, kept: 0, unjudged: 0 });
  });

  test.each([
    ['a judge prefers one place', [1, 1, 1], [-1, -1, -1]],
    ['the lead is below the margin', [1, 1, 1], [1, 0, 0]],
    ['judgements are missing', [1], [1]],
    ['one order is missing', [1, 1, 1], []],
  ])('keeps the target when %s', (_, first, second) => {
    const { records, report } = correct(first, second);
    expect(records).toEqual([record]);
    expect(report.kept).toBe(1);
  });

  test('takes the best of several candidates and counts records that nobody judged', () => {
    const comparisons = [...judged('recorded-first', [1, 1, 0]), ...judged('candidate-first', [1, 1, 0]), ...judged('recorded-first', [1, 1, 1], 'Best.'), ...judged('candidate-first', [1, 1, 1], 'Best.')];
    const { records, report } = clearCorrect([record, tripleWith({ id: 'r-1' })], { comparisons });
    expect(records[0]?.aligned).toBe('Best.');
    expect(report).toEqual({ replaced: 1, kept: 0, unjudged: 1 });
    expect(() => clearCorrect([], { comparisons, margin: 0 })).toThrow('`margin`');
  });
});
