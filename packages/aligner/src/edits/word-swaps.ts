// Numbers with their marks, and capitalised words that do not open a sentence.
const classes: readonly RegExp[] = [/\d+(?:[.,:]\d+)*/gu, /(?<=[\p{L}\p{N},;:)] )\p{Lu}[\p{L}'’-]+/gu];

const mostSwaps = 24;

/**
 * The sentence with one number or name that the context lacks exchanged for one of the same class that the context has
 * and the sentence lacks, where both stand beside the same word: "21 or over" for "18 or over". `passages` are parts of
 * the context, the likeliest first; at most 24 swaps.
 */
export function proposeWordSwaps(sentence: string, context: string, passages: readonly string[]): string[] {
  const swaps = new Set<string>();
  for (const pattern of classes) {
    const inContext = new Set(findWords(context, pattern).map(({ word }) => word));
    const own = findWords(sentence, pattern);
    const offered = passages.flatMap((passage) => findWords(passage, pattern)).filter(({ word }) => own.every((other) => other.word !== word));
    for (const found of own.filter(({ word }) => !inContext.has(word))) {
      for (const offer of offered.filter((other) => standAlike(found, other))) {
        if (swaps.size < mostSwaps) swaps.add(sentence.slice(0, found.index) + offer.word + sentence.slice(found.index + found.word.length));
      }
    }
  }
  return [...swaps];
}

interface FoundWord {
  readonly word: string;
  readonly index: number;
  readonly left: string;
  readonly right: string;
}

function findWords(text: string, pattern: RegExp): FoundWord[] {
  return [...text.matchAll(pattern)].map(({ 0: word, index }) => ({
    word,
    index,
    left: /[\p{L}\p{N}]+(?=[^\p{L}\p{N}]*$)/u.exec(text.slice(Math.max(0, index - 40), index))?.[0].toLowerCase() ?? '',
    right: /^[^\p{L}\p{N}]*([\p{L}\p{N}]+)/u.exec(text.slice(index + word.length, index + word.length + 40))?.[1]?.toLowerCase() ?? '',
  }));
}

function standAlike(a: FoundWord, b: FoundWord): boolean {
  return (a.left !== '' && a.left === b.left) || (a.right !== '' && a.right === b.right);
}
