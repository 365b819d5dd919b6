import { describe, expect, test } from 'vitest';
import { proposeWordSwaps } from './word-swaps.js';

describe('proposeWordSwaps', () => {
  test.each([
    ['a number', 'You have to be 21 or over.', 'Adopters must be 18 or over. The fee is £85.', ['You have to be 18 or over.', 'You have to be 85 or over.']],
    ['a name', 'They decide on 30 September.', 'The council will decide on 30 November.', ['They decide on 30 November.']],
    ['a time', 'We open at 9:30 on weekdays.', 'Open on weekdays from 10:15.', ['We open at 10:15 on weekdays.']],
  ])('exchanges %s that the context lacks', (_what, sentence, context, expected) => {
    expect(proposeWordSwaps(sentence, context, [context])).toEqual(expected);
  });

  test('leaves words that the context has', () => {
    expect(proposeWordSwaps('The fee is 85 euros.', 'The fee is 85 euros for 3 days.', ['The fee is 85 euros for 3 days.'])).toEqual([]);
  });

  test('offers the words of the first passage first', () => {
    const context = 'It costs 7 euros. It opened in 1990.';
    expect(proposeWordSwaps('It costs 9 euros.', context, ['It costs 7 euros.', 'It opened in 1990.'])).toEqual([
      'It costs 7 euros.',
      'It costs 1990 euros.',
    ]);
  });

  test('gives at most 24 swaps', () => {
    const context = Array.from({ length: 400 }, (_, number) => `item ${number + 1000}`).join(', ');
    expect(proposeWordSwaps('There are 3 of 5 items.', context, [context])).toHaveLength(24);
  });
});
