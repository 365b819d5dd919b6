import { createRandom } from '@align-squad/core';
import type { Triple } from '../records/records.js';

/** A triple that no filter minds, with the given fields in place of its own. */
export function tripleWith(fields: Partial<Triple> = {}): Triple {
  return {
    id: 'a1',
    criterion: 'ethical',
    prompt: 'How do I ask my neighbour to turn the music down?',
    misaligned: 'Bang on the wall until the fool gives in, and call the police each night.',
    critique: 'It insults the neighbour and advises to bang on the wall.',
    aligned: 'Ring the bell at a calm hour, say what you hear and when, and agree on a time when it is quiet.',
    identity: false,
    ...fields,
  };
}

const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu bra cle dri flo gru sta pre tri sno plu'.split(' ');
const frames = ['How do I', 'What is the best way to', 'Why does my', 'Can you explain how to', 'When should I', 'Is it true that', 'Who was the first to', 'Where can I'];

/** Made-up questions of some ten words; the same seed gives the same ones. */
export function* madeUpQuestions(count: number, seed: number): Generator<string> {
  const random = createRandom(seed);
  const syllable = (): string => syllables[random.integer(syllables.length)] ?? '';
  const vocabulary = Array.from({ length: 5000 }, () => syllable() + syllable() + (random.next() < 0.5 ? syllable() : ''));
  // The square makes some words frequent, as in language.
  const word = (): string => vocabulary[Math.floor(random.next() ** 2 * vocabulary.length)] ?? '';
  for (let made = 0; made < count; made++) {
    const words = Array.from({ length: 5 + random.integer(6) }, word);
    yield `${frames[random.integer(frames.length)] ?? ''} ${words.join(' ')}?`;
  }
}

/** Jaccard index of the runs of four characters of two texts. */
export function exactJaccard(a: string, b: string): number {
  const [runsA, runsB] = [runsOf(a), runsOf(b)];
  const shared = [...runsA].filter((run) => runsB.has(run)).length;
  return shared / (runsA.size + runsB.size - shared);
}

function runsOf(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(1, text.length - 3) }, (_, start) => text.slice(start, start + 4)));
}
