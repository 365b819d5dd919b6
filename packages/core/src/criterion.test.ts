import { describe, expect, test } from 'vitest';
import { ethical } from './criteria/index.js';
import { criterionSchema, parseCriterion } from './criterion.js';
import { AlignSquadError } from './errors.js';

const secret = 'my-secret-text';

test('a criterion comes back equal', () => {
  expect(parseCriterion(ethical)).toEqual(ethical);
});

test('a criterion that went through JSON is the same', () => {
  expect(parseCriterion(JSON.parse(JSON.stringify(ethical)))).toEqual(ethical);
});

test("a user's own criterion needs no demonstrations or seeds", () => {
  const own = { ...ethical, id: 'brief', demonstrations: [], questionTypes: [], seedQuestions: [] };
  expect(criterionSchema.safeParse(own).success).toBe(true);
});

describe('rejects without showing any text', () => {
  test.each<[string, unknown, string]>([
    ['a text', secret, '`value`'],
    ['an id with a space', { ...ethical, id: `${secret} x` }, '`id`'],
    ['an id in capitals', { ...ethical, id: 'Ethical' }, '`id`'],
    ['a newer schema version', { ...ethical, schemaVersion: 2 }, '`schemaVersion` must be one of 1'],
    ['no principles', { ...ethical, principles: [] }, '`principles` must be at least 1 item(s) long'],
    ['an empty title', { ...ethical, title: '' }, '`title` must be at least 1 character(s) long'],
    ['a threshold over 1', { ...ethical, threshold: 2 }, '`threshold` must be at most 1'],
    ['a threshold that is not a number', { ...ethical, threshold: Number.NaN }, '`threshold`'],
    ['an unknown key', { ...ethical, [secret]: secret }, '1 unknown key(s)'],
    ['a faulty demonstration', { ...ethical, demonstrations: [{ prompt: secret }] }, '`demonstrations.0.response`'],
  ])('%s', (_, value, expected) => {
    let caught: unknown;
    try {
      parseCriterion(value);
    } catch (error) {
      caught = error;
    }
    expect(AlignSquadError.isInstance(caught) && caught.code).toBe('invalid-criterion');
    expect(String(caught)).toContain(expected);
    expect(String(caught)).not.toContain(secret);
  });
});
