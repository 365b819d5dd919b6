import { describe, expect, test } from 'vitest';
import { parseCriterion } from '../criterion.js';
import { builtInCriteria } from './index.js';

const filters = ['leaked-prompt', 'no-correction', 'markup', 'generic-critique', 'near-duplicate', 'similar-correction', 'context-copied'];

test('the built-in criteria are ethical, factual and helpful', () => {
  expect(Object.keys(builtInCriteria)).toEqual(['ethical', 'factual', 'helpful']);
});

test('a name of the language is not a criterion', () => {
  expect(builtInCriteria['constructor']).toBeUndefined();
});

test('only factual needs a context', () => {
  const needing = Object.values(builtInCriteria).filter(({ needsContext }) => needsContext);
  expect(needing.map(({ id }) => id)).toEqual(['factual']);
});

test('factual has demonstrations with a context', () => {
  const grounded = builtInCriteria['factual']?.demonstrations.filter(({ context }) => context !== undefined);
  expect(grounded?.length).toBeGreaterThanOrEqual(2);
});

test('no text is used twice across criteria', () => {
  const texts = Object.values(builtInCriteria).flatMap(({ seedQuestions, demonstrations }) => [
    ...seedQuestions.map(({ question }) => question),
    ...demonstrations.map(({ prompt }) => prompt),
  ]);
  expect(new Set(texts).size).toBe(texts.length);
});

describe.each(Object.entries(builtInCriteria))('%s', (id, criterion) => {
  test('is found under its id and parses', () => {
    expect(criterion.id).toBe(id);
    expect(parseCriterion(criterion)).toEqual(criterion);
  });

  test('names the principles of the paper', () => {
    const principles = { ethical: ['care', 'polite', 'fair'], factual: ['accurate', 'clarify'], helpful: ['useful', 'detail'] };
    expect(criterion.principles.map(({ name }) => name)).toEqual(principles[id as keyof typeof principles]);
  });

  test('has an aligned demonstration, and others whose correction changes the response', () => {
    const { demonstrations } = criterion;
    expect(demonstrations.length).toBeGreaterThanOrEqual(4);
    const aligned = demonstrations.filter(({ critique }) => critique === 'none');
    expect(aligned.length).toBeGreaterThan(0);
    for (const one of demonstrations) expect(one.response === one.correction).toBe(aligned.includes(one));
  });

  test('has twenty different seed questions, each of a listed type and on a topic of at most three words', () => {
    const types = criterion.questionTypes.map(({ name }) => name);
    expect(new Set(criterion.seedQuestions.map(({ topic }) => topic)).size).toBe(20);
    for (const { topic, questionType } of criterion.seedQuestions) {
      expect(topic.split(' ').length).toBeLessThanOrEqual(3);
      expect(types).toContain(questionType);
    }
  });

  test('has a seed question of every type', () => {
    const used = new Set(criterion.seedQuestions.map(({ questionType }) => questionType));
    expect([...used].sort()).toEqual(criterion.questionTypes.map(({ name }) => name).sort());
  });

  test('holds no markup, code, leaked prompt words or odd characters, which its own filters would drop', () => {
    const texts = criterion.demonstrations.flatMap(({ prompt, response, correction }) => [prompt, response, correction]);
    for (const text of texts) expect(text).not.toMatch(/[<>{}]|Corrector:|Input:|[^\x20-\x7e]/);
  });

  test('asks for known filters and flags from 0.5', () => {
    expect(filters).toEqual(expect.arrayContaining([...criterion.filters]));
    expect(criterion.threshold).toBe(0.5);
  });
});
