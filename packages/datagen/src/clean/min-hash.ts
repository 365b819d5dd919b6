import { createRandom } from '@align-squad/core';
import { foldText, wordsOf } from './fold-text.js';
import { mixBits } from './hash-text.js';

/** Hash functions of a signature, which is as many numbers of 16 bits. */
export const signatureLength = 64;

/** What two texts are compared by. */
export interface ShingleOptions {
  /** @default 'characters' */
  readonly shingles?: 'characters' | 'words' | undefined;
  /** Characters or words of a shingle, 1 or more. @default 4 characters or 2 words */
  readonly shingleSize?: number | undefined;
}

/** Writes signatures of texts (Broder 1997): the share of equal places of two estimates the Jaccard index of their shingles. */
export interface MinHasher {
  /**
   * Writes the signature of `text` into `signature` [signatureLength]. Case, white space and sentence marks do not count.
   * Texts of different `salt` share no shingle.
   */
  sign(text: string, signature: Uint16Array, salt?: number): void;
}

/** Makes a min-hasher; the same options give the same signatures everywhere. */
export function createMinHasher({ shingles = 'characters', shingleSize = shingles === 'words' ? 2 : 4 }: ShingleOptions = {}): MinHasher {
  const random = createRandom(20_241);
  const factors = Uint32Array.from({ length: signatureLength }, () => random.integer(2 ** 32) | 1);
  const masks = Uint32Array.from({ length: signatureLength }, () => random.integer(2 ** 32));
  const smallest = new Uint32Array(signatureLength);
  const take = (shingle: number): void => {
    for (let at = 0; at < signatureLength; at++) {
      const product = Math.imul(shingle ^ (masks[at] ?? 0), factors[at] ?? 1);
      const value = (product ^ (product >>> 15)) >>> 0;
      if (value < (smallest[at] ?? 0)) smallest[at] = value;
    }
  };
  const units = shingles === 'words' ? wordHashes : characterCodes;
  return {
    sign(text, signature, salt = 0) {
      smallest.fill(0xffffffff);
      eachShingle(units(foldText(text)), { shingleSize, salt, take });
      // The small numbers share their upper bits, so all bits are mixed into the 16 that stay (b-bit min-hash).
      for (let at = 0; at < signatureLength; at++) signature[at] = mixBits(smallest[at] ?? 0) & 0xffff;
    },
  };
}

interface ShingleWalk {
  readonly shingleSize: number;
  readonly salt: number;
  readonly take: (shingle: number) => void;
}

/** Gives each run of `shingleSize` units as a hash; fewer units than that are one shingle. */
function eachShingle(units: ArrayLike<number>, { shingleSize, salt, take }: ShingleWalk): void {
  const last = Math.max(0, units.length - shingleSize);
  for (let start = 0; start <= last; start++) {
    let hash = 0x811c9dc5 ^ salt;
    for (let at = start; at < start + shingleSize; at++) hash = Math.imul(hash ^ (units[at] ?? 0), 0x01000193);
    take(mixBits(hash));
  }
}

function characterCodes(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
  return codes;
}

function wordHashes(text: string): Uint32Array {
  return Uint32Array.from(wordsOf(text), (word) => {
    let hash = 0x811c9dc5;
    for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
    return mixBits(hash);
  });
}
