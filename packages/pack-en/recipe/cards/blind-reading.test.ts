import { expect, test } from 'vitest';
import { describeBlindReading, type BlindReading } from './blind-reading.js';

const reading: BlindReading = {
  packSha256: 'a'.repeat(64),
  criterion: 'ethical',
  drawnFrom: 9,
  seed: 3,
  readers: 1,
  choices: { one: 'aligned', two: 'aligned', three: 'original', four: 'tie' },
};

test('a reading is told in counts, with an interval', () => {
  const text = describeBlindReading(reading, reading.packSha256);
  expect(text).toContain('Of the 9 misaligned `ethical` texts');
  expect(text).toContain('4 were drawn (seed 3) and read in pairs, sides shuffled and hidden (the rewrite is nearly always the shorter one, so the hiding is thin), by 1 reader from the project');
  expect(text).toMatch(/better in 2, 50\.0 % \(15\.0 % to 85\.0 %\); the original in 1; 1 were no better/);
  expect(text).not.toContain('earlier pack');
});

test('a reading of another pack says so', () => {
  expect(describeBlindReading(reading, 'b'.repeat(64))).toContain('earlier pack, whose pack.json has the SHA-256 `aaaaaaaaaaaaaaaa`');
});

test('no reading is told as none', () => {
  expect(describeBlindReading(null, '')).toContain('Nobody has read');
});
