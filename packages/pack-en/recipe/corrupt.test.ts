
import { createRandom } from '@align-squad/core';
import { describe, expect, test } from 'vitest';
import { corruptSentence } from './corrupt.js';

const context = 'The Brenta bridge was opened on 4 May 1973 and is 240 metres long. It was built by Carla Rossi with Anton Maier.';

describe('corruptSentence', () => {
  test('always changes the sentence when it changes anything', () => {
    for (let seed = 0; seed < 60; seed++) {
      const sentence = 'The bridge is 240 metres long and was built by Carla Rossi.';
      const corrupted = corruptSentence(sentence, context, createRandom(seed));
      expect(corrupted).toBeDefined();
      expect(corrupted).not.toBe(sentence);
    }
  });

  test('keeps the number of digits of a number', () => {
    const seen = Array.from({ length: 40 }, (_, seed) => corruptSentence('240 metres.', context, createRandom(seed)));
    for (const text of seen) expect(text).toMatch(/^\d{3} metres\.$/);
    expect(seen).not.toContain('240 metres.');
  });

  test('takes another name of the context for a name', () => {
    const seen = new Set(Array.from({ length: 40 }, (_, seed) => corruptSentence('built by Carla Rossi.', context, createRandom(seed))));
    expect([...seen].sort()).toEqual(['built by Anton Maier.', 'built by Brenta.']);
  });

  test('leaves a sentence alone that holds nothing to break', () => {
    expect(corruptSentence('Thanks.', context, createRandom(1))).toBeUndefined();
  });
});
