// Passes made-up questions, a tenth of them changed copies, through the filter of near-duplicates; prints JSON.
import { createRandom } from '@align-squad/core';
import { cleanTriples } from '@align-squad/datagen';
import type { Triple } from '../../packages/datagen/src/records/records.js';

const questions = Number(process.argv[2]);
const random = createRandom(2);
const consonants = 'bdfgklmnprstvz';
const word = (): string => Array.from({ length: 3 }, () => `${consonants[random.integer(consonants.length)]}${'aeiou'[random.integer(5)]}`).join('');
const vocabulary = Array.from({ length: 8000 }, word);
const question = (): string[] => Array.from({ length: 8 + random.integer(8) }, () => vocabulary[random.integer(vocabulary.length)] ?? '');

function* triples(): Generator<Triple> {
  let last = question();
  for (let index = 0; index < questions; index++) {
    const isCopy = index % 10 === 9;
    if (!isCopy) last = question();
    const prompt = isCopy ? [...last, 'please'] : last;
    yield { id: String(index), criterion: 'a', prompt: prompt.join(' '), misaligned: 'b', critique: 'c', aligned: 'd', identity: false };
  }
}

const started = performance.now();
const cleaned = cleanTriples(triples(), { filters: ['near-duplicates'] });
let kept = 0;
for await (const _ of cleaned.records) kept += 1;
process.stdout.write(`${JSON.stringify({ questions, planted: questions / 10, dropped: questions - kept, seconds: (performance.now() - started) / 1000, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
