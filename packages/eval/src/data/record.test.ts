import { expect, test } from 'vitest';
import { parseTriples } from './record.js';

const record = {
  id: 'a1',
  criterion: 'helpful',
  prompt: 'How?',
  context: null,
  misaligned: 'No.',
  critique: 'Curt.',
  aligned: 'Like so.',
  identity: false,
};

test('reads one record a line and skips blank lines', () => {
  const text = `${JSON.stringify(record)}\n\n${JSON.stringify({ ...record, id: 'a2' })}\n`;
  expect(parseTriples(text).map(({ id }) => id)).toEqual(['a1', 'a2']);
});

test.each([
  { name: 'a line that is not JSON', line: '{secret' },
  { name: 'a missing field', line: JSON.stringify({ ...record, aligned: undefined, prompt: 'secret' }) },
  { name: 'an identity whose texts differ', line: JSON.stringify({ ...record, identity: true, prompt: 'secret' }) },
  { name: 'a misaligned text that is the aligned one', line: JSON.stringify({ ...record, aligned: 'No.', prompt: 'secret' }) },
])('rejects $name by its line number, without its text', ({ line }) => {
  const read = (): unknown => parseTriples(`${JSON.stringify(record)}\n${line}`);
  expect(read).toThrow(expect.objectContaining({ code: 'invalid-dataset' }));
  expect(read).toThrow(/line 2/);
  expect(read).not.toThrow(/secret/);
});
