import { expect, test } from 'vitest';
import { exchangeTokenIds, exchangeTokens } from './special-ids.js';

const names: readonly string[] = Object.values(exchangeTokens);
const tokenId = (token: string): number | undefined => (names.includes(token) ? names.indexOf(token) : undefined);

test('finds the id of each layout token, and the first id of text', () => {
  expect(exchangeTokenIds(tokenId)).toEqual({ pad: 0, start: 1, separator: 2, sentence: 3, mask: 4, firstText: 6 });
});

test.each(names)('a tokenizer without %s is invalid', (missing) => {
  const act = (): unknown => exchangeTokenIds((token) => (token === missing ? undefined : tokenId(token)));
  expect(act).toThrow(expect.objectContaining({ code: 'pack-invalid', message: expect.stringContaining(missing) }));
});
