/** Chooses the parts of a context that a stretch of the response draws on. */
export type NearestParts = (stretch: readonly number[]) => readonly (readonly number[])[];

/**
 * The `count` parts that share most tokens with a stretch, in their own order; a token counts by how few parts hold it
 * (inverse document frequency). All parts, where there are no more than `count`.
 */
export function createNearestParts(parts: readonly (readonly number[])[], count: number): NearestParts {
  if (parts.length <= count) return () => parts;
  const vocabularies = parts.map((part) => new Set(part));
  const holders = new Map<number, number>();
  for (const vocabulary of vocabularies) for (const id of vocabulary) holders.set(id, (holders.get(id) ?? 0) + 1);
  const rarity = (id: number): number => Math.log(parts.length / (holders.get(id) ?? parts.length));
  return (stretch) => {
    const asked = [...new Set(stretch)].filter((id) => holders.has(id));
    const shared = vocabularies.map((vocabulary, index) => ({
      index,
      score: asked.reduce((sum, id) => (vocabulary.has(id) ? sum + rarity(id) : sum), 0),
    }));
    const best = shared.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, count);
    return best.sort((a, b) => a.index - b.index).flatMap(({ index }) => (parts[index] ? [parts[index]] : []));
  };
}
