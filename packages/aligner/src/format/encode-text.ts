import type { AlignerTokenIds, AlignerTokenizer } from './aligner-tokens.js';

// Of a long text this much is encoded first, to see whether it fits at all.
const firstLength = 16_384;

/**
 * Ids of a text of users or models, which never hold a marker; undefined when they are more than `maxTokens`.
 * A marker that the tokenizer has as a special token can't come from text. The name of one that is spelt gets a space
 * after its first character, so `[INIT]` in a text reads `[ INIT]`; what only a tokenizer's normalisation turns into a
 * marker loses its first token.
 */
export function encodeText(tokenizer: AlignerTokenizer, special: AlignerTokenIds, text: string, maxTokens: number): number[] | undefined {
  if (text === '') return [];
  for (let length = firstLength; length < text.length; length *= 2) {
    // One more: the cut may have split a token.
    if (tokenizer.encode(text.slice(0, length)).length > maxTokens + 1) return undefined;
  }
  const ids = [...tokenizer.encode(breakMarkers(text, special))];
  if (special.spelt.length > 0) dropMarkers(ids, special);
  return ids.length > maxTokens ? undefined : ids;
}

/** The text as `encodeText` encodes it: names of spelt markers, in any case, are broken up by a space. */
export function breakMarkers(text: string, { spelt }: Pick<AlignerTokenIds, 'spelt'>): string {
  if (spelt.length === 0) return text;
  const names = spelt.map((name) => name.replace(/[^\w\s]/g, String.raw`\$&`)).join('|');
  return text.replace(new RegExp(names, 'gi'), (name) => `${name.slice(0, 1)} ${name.slice(1)}`);
}

/** Removes the first id of each marker until there is none. */
function dropMarkers(ids: number[], { context, init, aligned, done }: AlignerTokenIds): void {
  const markers = [context, init, aligned, done].filter(({ length }) => length > 0);
  for (let at = 0; at < ids.length; ) {
    const isMarker = markers.some((marker) => marker.every((id, offset) => ids[at + offset] === id));
    if (!isMarker) {
      at += 1;
      continue;
    }
    ids.splice(at, 1);
    // What came before may be the beginning of a marker that is whole now.
    at = Math.max(0, at - Math.max(...markers.map(({ length }) => length)));
  }
}
