import { expect, test, vi } from 'vitest';
import { AlignSquadError, toAlignSquadError } from './errors.js';

test('an error carries its code, message and cause', () => {
  const cause = new TypeError('inner');
  const error = new AlignSquadError('It failed.', { code: 'model-invalid', cause });
  expect(error).toMatchObject({ name: 'AlignSquadError', code: 'model-invalid', message: 'It failed.', cause });
  expect(error).toBeInstanceOf(Error);
});

test('an error without a cause has no `cause` member', () => {
  expect('cause' in new AlignSquadError('It failed.', { code: 'blocked' })).toBe(false);
});

test('isInstance knows errors of another copy of the package', async () => {
  vi.resetModules();
  const copy = await import('./errors.js');
  const foreign = new copy.AlignSquadError('It failed.', { code: 'blocked' });
  expect(foreign).not.toBeInstanceOf(AlignSquadError);
  expect(AlignSquadError.isInstance(foreign)).toBe(true);
});

test.each([new Error('x'), { code: 'blocked', name: 'AlignSquadError' }, 'blocked', null, undefined, 3])(
  'isInstance is false for %o',
  (value) => {
    expect(AlignSquadError.isInstance(value)).toBe(false);
  },
);

test('toAlignSquadError leaves our errors as they are', () => {
  const error = new AlignSquadError('It failed.', { code: 'blocked' });
  expect(toAlignSquadError(error, 'Other.', 'model-invalid')).toBe(error);
});

test("toAlignSquadError keeps a foreign error as cause and its text out of the message", () => {
  const cause = new Error('secret text of a user');
  const error = toAlignSquadError(cause, 'The aligner failed.', 'aligner-failed');
  expect(error).toMatchObject({ code: 'aligner-failed', message: 'The aligner failed.', cause });
});
