import { expect, test } from 'vitest';
import { joinChanges, partsOfChanges } from './diff-view.js';

test('changes become the parts of both texts', () => {
  const changes = [{ original: { start: 2, end: 5 }, response: { start: 2, end: 2 } }, { original: { start: 6, end: 6 }, response: { start: 3, end: 5 } }];
  expect(partsOfChanges('a rude.', 'a .ok', changes)).toEqual([
    { type: 'same', text: 'a ' },
    { type: 'removed', text: 'rud' },
    { type: 'same', text: 'e' },
    { type: 'added', text: 'ok' },
    { type: 'same', text: '.' },
  ]);
});

test('changes with nothing but space between them are joined', () => {
  const parts = joinChanges([
    { type: 'same', text: 'So: ' },
    { type: 'removed', text: 'Water' },
    { type: 'added', text: 'It' },
    { type: 'same', text: ' ' },
    { type: 'removed', text: 'is' },
    { type: 'added', text: 'can' },
    { type: 'same', text: ' ' },
    { type: 'added', text: 'too ' },
    { type: 'same', text: 'wet.' },
  ]);
  expect(parts).toEqual([
    { type: 'same', text: 'So: ' },
    { type: 'removed', text: 'Water is' },
    { type: 'added', text: 'It can too' },
    { type: 'same', text: ' ' },
    { type: 'same', text: 'wet.' },
  ]);
});

test('text that was only removed keeps its space', () => {
  const parts = [{ type: 'same', text: 'A. ' }, { type: 'removed', text: 'B. ' }, { type: 'same', text: 'C.' }] as const;
  expect(joinChanges(parts)).toEqual(parts);
});
