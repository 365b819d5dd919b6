// Numbers with their marks, and capitalised words that do not open a sentence.
const classes: readonly RegExp[] = [/\d+(?:[.,:]\d+)*/gu, /(?<=[\p{L}\p{N},;:)] )\p{Lu}[\p{L}'’-]+/gu];

const mostSwaps = 24;

/**
 * The sentence with one number or name that the context lacks exchanged for one of the same class that the context has
 * and the sentence lacks. `passages` are parts of the context, the likeliest first; at most 24 swaps.
 */
export function proposeWordSwaps(sentence: string, context: string, passages: readonly string[]): string[] {
  const swaps = new Set<string>();
  for (const pattern of classes) {
    const inContext = new Set(wordsOf(context, pattern));
    const offered = [...new Set(passages.flatMap((passage) => wordsOf(passage, pattern)))].filter((word) => !wordsOf(sentence, pattern).includes(word));
    for (const match of sentence.matchAll(pattern)) {
      if (inContext.has(match[0])) continue;
      for (const word of offered) {
        if (swaps.size < mostSwaps) swaps.add(sentence.slice(0, match.index) + word + sentence.slice(match.index + match[0].length));
      }
    }
  }
  return [...swaps];
}

function wordsOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([word]) => word);
}
