import { describe, expect, test } from 'vitest';
import { proposeWordSwaps } from './word-swaps.js';

describe('proposeWordSwaps', () => {
  test.each([
    ['a number', 'You have to be 21 or over.', 'Adopters must be 18 or over. The fee is £85.', ['You have to be 18 or over.']],
    ['a name', 'They decide on 30 September.', 'The council will decide on 30 November.', ['They decide on 30 November.']],
    ['a time', 'We open at 9:30 on weekdays.', 'Open at 10:15 and on Sundays at noon.', ['We open at 10:15 on weekdays.']],
  ])('exchanges %s that the context lacks', (_what, sentence, context, expected) => {
    expect(proposeWordSwaps(sentence, context, [context])).toEqual(expected);
  });

  test('leaves words that the context has', () => {
    expect(proposeWordSwaps('The fee is 85 euros.', 'The fee is 85 euros for 3 days.', ['The fee is 85 euros for 3 days.'])).toEqual([]);
  });

  test('takes no word that stands beside other words', () => {
    const context = 'Six guests came. The hall has 40 chairs.';
    expect(proposeWordSwaps('The fee is 9 euros.', context, [context])).toEqual([]);
  });

  test('offers the words of the first passage first', () => {
    const context = 'It costs 7 euros. Last year 8 euros.';
    expect(proposeWordSwaps('It costs 9 euros.', context, ['It costs 7 euros.', 'Last year 8 euros.'])).toEqual(['It costs 7 euros.', 'It costs 8 euros.']);
  });

  test('gives at most 24 swaps', () => {
    const context = Array.from({ length: 400 }, (_, number) => `item ${number + 1000}`).join(', ');
    expect(proposeWordSwaps('Take item 3.', context, [context])).toHaveLength(24);
  });
});
