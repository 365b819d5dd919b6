

const numberPattern = /\d+(?:[.,]\d+)*/g;
const namePattern = /(?<=[a-z,;] )\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)*/gu;
const opposites: readonly (readonly [string, string])[] = [
  ['more', 'less'], ['increase', 'decrease'], ['increases', 'decreases'], ['increased', 'decreased'], ['higher', 'lower'],
  ['before', 'after'], ['first', 'last'], ['all', 'some'], ['always', 'never'], ['most', 'few'], ['above', 'below'],
  ['larger', 'smaller'], ['with', 'without'], ['positive', 'negative'], ['open', 'closed'], ['early', 'late'],
  ['north', 'south'], ['east', 'west'], ['can', "can't"], ['is', "isn't"], ['are', "aren't"], ['was', "wasn't"],
  ['were', "weren't"], ['does', "doesn't"], ['do', "don't"], ['did', "didn't"], ['will', "won't"], ['must', "needn't"],
  ['free', 'charged'], ['up', 'down'], ['morning', 'evening'], ['monday', 'thursday'], ['included', 'excluded'],
  ['allowed', 'forbidden'], ['required', 'optional'], ['rising', 'falling'], ['strong', 'weak'], ['old', 'new'],
];

/**
 * Breaks one fact of a sentence that is true under a context: a number, a name, a negation or an opposite.
 * Returns undefined when the sentence holds nothing to break.
 */
export function corruptSentence(sentence: string, context: string, random: Random): string | undefined {
  const ways = random.shuffle([corruptNumber, corruptName, corruptWord]);
  for (const way of ways) {
    const corrupted = way(sentence, context, random);
    if (corrupted !== undefined && corrupted !== sentence) return corrupted;
  }
  return undefined;
}

function corruptNumber(sentence: string, context: string, random: Random): string | undefined {
  const match = pick([...sentence.matchAll(numberPattern)], random);
  if (!match) return undefined;
  const others = [...context.matchAll(numberPattern)].map(([text]) => text).filter((text) => text !== match[0] && text.length === match[0].length);
  const moved = (): string => {
    const digits = [...match[0]];
    const place = random.integer(digits.length);
    const digit = digits[place];
    if (digit === undefined || !/\d/.test(digit)) return match[0];
    digits[place] = String((Number(digit) + 1 + random.integer(8)) % 10);
    return digits.join('').replace(/^0(?=\d)/, '1');
  };
  return replaceAt(sentence, match, (random.next() < 0.5 ? pick(others, random) : undefined) ?? moved());
}

function corruptName(sentence: string, context: string, random: Random): string | undefined {
  const match = pick([...sentence.matchAll(namePattern)], random);
  if (!match) return undefined;
  const other = pick([...context.matchAll(namePattern)].map(([text]) => text).filter((text) => !sentence.includes(text)), random);
  return other === undefined ? undefined : replaceAt(sentence, match, other);
}

function corruptWord(sentence: string, _context: string, random: Random): string | undefined {
  const swaps = opposites.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]);
  const found = swaps.flatMap(([from, to]) => {
    const match = new RegExp(`(?<![\\p{L}'])${from}(?![\\p{L}'])`, 'u').exec(sentence);
    return match ? [{ match, to }] : [];
  });
  const chosen = pick(found, random);
  return chosen && replaceAt(sentence, chosen.match, chosen.to);
}

function replaceAt(text: string, match: RegExpMatchArray, replacement: string): string {
  const index = match.index ?? 0;
  return text.slice(0, index) + replacement + text.slice(index + match[0].length);
}

/** A random item, or undefined of none. */
export function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[random.integer(items.length)];
}import type { Random } from '@align-squad/core';

