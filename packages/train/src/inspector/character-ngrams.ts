/** Rows that character n-grams are hashed to; they exist in training only. */
export const characterBuckets: number = 2 ** 18;

const shortest = 2;
const longest = 5;

/**
 * Rows of the character n-grams of a token's text, of 2 to 5 characters; the space before a word counts as one.
 * They tie the weights of tokens that are spelled alike (Bojanowski et al. 2017), which few records show one by one.
 */
export function characterNgrams(text: string): readonly number[] {
  const characters = [...text.toLowerCase()];
  const rows: number[] = [];
  for (let size = shortest; size <= longest; size += 1) {
    for (let start = 0; start + size <= characters.length; start += 1) rows.push(bucketOf(characters.slice(start, start + size).join('')));
  }
  return rows;
}

/** FNV-1a over UTF-16 units. */
function bucketOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % characterBuckets;
}
