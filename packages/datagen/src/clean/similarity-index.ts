import { mixBits } from './hash-text.js';
import { signatureLength } from './min-hash.js';

const bands = 16;
const rows = signatureLength / bands;
/** Signatures that one bucket holds; later ones are found by their other bands. Bounds the comparisons of a search to 16 times this. */
const bucketLimit = 64;
const unlinked = 0xffffffff;

/** Signatures in buckets by bands of four places: those of similar texts share a bucket (locality-sensitive hashing). */
export interface SimilarityIndex {
  readonly size: number;
  /** Signatures compared so far, which grows linearly with the searches. */
  readonly comparisons: number;
  /** Calls `visit` with the number of each linked signature in a shared bucket that is similar enough, until it returns true. */
  visitSimilar(signature: Uint16Array, visit: (item: number) => boolean): void;
  /** Keeps a signature, not yet to be found, and returns its number, counted from 0. */
  store(signature: Uint16Array): number;
  /** A view of a stored signature, to be used before the next one is stored. */
  signatureOf(item: number): Uint16Array;
  /** Lets searches find a stored signature; once for each. */
  link(item: number): void;
}

/** Options of `createSimilarityIndex`. */
export interface SimilarityIndexOptions {
  /** Least estimated Jaccard index, in [0.7, 1]; below that, buckets would miss pairs. @default 0.8 */
  readonly threshold?: number | undefined;
}

/** Makes an empty index: typed arrays that grow by doubling, 260 bytes for each of up to twice the signatures. */
export function createSimilarityIndex({ threshold = 0.8 }: SimilarityIndexOptions = {}): SimilarityIndex {
  const mostDifferent = signatureLength - Math.ceil(threshold * signatureLength - 1e-9);
  const table = new BucketTable();
  let comparisons = 0;
  let search = 0;
  return {
    get size() {
      return table.size;
    },
    get comparisons() {
      return comparisons;
    },
    visitSimilar(signature, visit) {
      search += 1;
      for (let band = 0; band < bands; band++) {
        for (let entry = table.first(signature, band); entry > 0; entry = table.next(entry)) {
          if (!table.isInBucket(entry, signature, band)) continue;
          const item = Math.floor((entry - 1) / bands);
          if (!table.markSeen(item, search)) continue;
          comparisons += 1;
          if (table.isSimilar(item, signature, mostDifferent) && visit(item)) return;
        }
      }
    },
    store: (signature) => table.store(signature),
    signatureOf: (item) => table.signatureOf(item),
    link: (item) => table.link(item),
  };
}

// A class, since its arrays are replaced as they grow and looked up in the innermost loop.
/** Chained hash table of (signature, band) entries; entry 0 ends a chain. */
class BucketTable {
  size = 0;
  #signatures = new Uint16Array(1024 * signatureLength);
  #links = new Uint32Array(1024 * bands);
  #heads = new Uint32Array(1024 * bands);
  #seenIn = new Uint32Array(1024);

  first(signature: Uint16Array, band: number): number {
    return this.#heads[this.#slot(signature, 0, band)] ?? 0;
  }

  next(entry: number): number {
    return this.#links[entry - 1] ?? 0;
  }

  /** Slots are shared by chance, so the places of the band decide. */
  isInBucket(entry: number, signature: Uint16Array, band: number): boolean {
    if ((entry - 1) % bands !== band) return false;
    const start = Math.floor((entry - 1) / bands) * signatureLength + band * rows;
    for (let row = 0; row < rows; row++) if (this.#signatures[start + row] !== signature[band * rows + row]) return false;
    return true;
  }

  /** False when the item was seen in this search. */
  markSeen(item: number, search: number): boolean {
    if (this.#seenIn[item] === search) return false;
    this.#seenIn[item] = search;
    return true;
  }

  isSimilar(item: number, signature: Uint16Array, mostDifferent: number): boolean {
    const start = item * signatureLength;
    let different = 0;
    for (let at = 0; at < signatureLength; at++) {
      if (this.#signatures[start + at] !== signature[at] && ++different > mostDifferent) return false;
    }
    return true;
  }

  store(signature: Uint16Array): number {
    if (this.size === this.#seenIn.length) this.#grow();
    const item = this.size++;
    this.#signatures.set(signature, item * signatureLength);
    this.#links.fill(unlinked, item * bands, (item + 1) * bands);
    return item;
  }

  signatureOf(item: number): Uint16Array {
    return this.#signatures.subarray(item * signatureLength, (item + 1) * signatureLength);
  }

  link(item: number): void {
    const signature = this.signatureOf(item);
    for (let band = 0; band < bands; band++) if (!this.#isFull(signature, band)) this.#linkBand(item, band);
  }

  #isFull(signature: Uint16Array, band: number): boolean {
    let members = 0;
    for (let entry = this.first(signature, band); entry > 0; entry = this.next(entry)) {
      if (this.isInBucket(entry, signature, band) && ++members >= bucketLimit) return true;
    }
    return false;
  }

  #linkBand(item: number, band: number): void {
    const slot = this.#slot(this.#signatures, item * signatureLength, band);
    this.#links[item * bands + band] = this.#heads[slot] ?? 0;
    this.#heads[slot] = item * bands + band + 1;
  }

  #slot(values: Uint16Array, start: number, band: number): number {
    let hash = band;
    for (let row = 0; row < rows; row++) hash = mixBits(Math.imul(hash, 31) + (values[start + band * rows + row] ?? 0));
    return hash & (this.#heads.length - 1);
  }

  #grow(): void {
    this.#signatures = doubled(this.#signatures, new Uint16Array(this.#signatures.length * 2));
    this.#links = doubled(this.#links, new Uint32Array(this.#links.length * 2));
    this.#seenIn = doubled(this.#seenIn, new Uint32Array(this.#seenIn.length * 2));
    this.#heads = new Uint32Array(this.#heads.length * 2);
    for (let item = 0; item < this.size; item++) {
      for (let band = 0; band < bands; band++) if (this.#links[item * bands + band] !== unlinked) this.#linkBand(item, band);
    }
  }
}

function doubled<T extends Uint16Array | Uint32Array>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
