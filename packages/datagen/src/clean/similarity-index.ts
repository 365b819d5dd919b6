import { mixBits } from './hash-text.js';
import { signatureLength } from './min-hash.js';

const bandBits = 4;
const bands = 1 << bandBits;
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

/** Makes an empty index: typed arrays, some 260 bytes a signature. */
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
          const item = (entry - 1) >>> bandBits;
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

// A power of two, so that numbers of items split by shifts.
const chunkBits = 12;
const itemsAChunk = 1 << chunkBits;
const inChunk = itemsAChunk - 1;

/** What a chunk of items holds. */
interface Chunk {
  /** [items, signatureLength] */
  readonly signatures: Uint16Array;
  /** The next entry of each entry's chain [items, bands]. */
  readonly links: Uint32Array;
  /** The last search that saw each item [items]. */
  readonly seenIn: Uint32Array;
}

// Numbers of items come from the table itself, so that this one is never read.
const noChunk: Chunk = { signatures: new Uint16Array(0), links: new Uint32Array(0), seenIn: new Uint32Array(0) };

// A class, since its arrays are replaced as they grow and looked up in the innermost loop.
/** Chained hash table of (signature, band) entries; entry 0 ends a chain. Items come in chunks, so that growing copies none of them. */
class BucketTable {
  size = 0;
  readonly #chunks: Chunk[] = [];
  #heads = new Uint32Array(1024 * bands);

  first(signature: Uint16Array, band: number): number {
    return this.#heads[this.#slot(signature, band)] ?? 0;
  }

  next(entry: number): number {
    const item = (entry - 1) >>> bandBits;
    return this.#chunkOf(item).links[(item & inChunk) * bands + ((entry - 1) & (bands - 1))] ?? 0;
  }

  /** Slots are shared by chance, so the places of the band decide. */
  isInBucket(entry: number, signature: Uint16Array, band: number): boolean {
    if (((entry - 1) & (bands - 1)) !== band) return false;
    const item = (entry - 1) >>> bandBits;
    const { signatures } = this.#chunkOf(item);
    const start = (item & inChunk) * signatureLength + band * rows;
    for (let row = 0; row < rows; row++) if (signatures[start + row] !== signature[band * rows + row]) return false;
    return true;
  }

  /** False when the item was seen in this search. */
  markSeen(item: number, search: number): boolean {
    const { seenIn } = this.#chunkOf(item);
    if (seenIn[item & inChunk] === search) return false;
    seenIn[item & inChunk] = search;
    return true;
  }

  isSimilar(item: number, signature: Uint16Array, mostDifferent: number): boolean {
    const { signatures } = this.#chunkOf(item);
    const start = (item & inChunk) * signatureLength;
    let different = 0;
    for (let at = 0; at < signatureLength; at++) {
      if (signatures[start + at] !== signature[at] && ++different > mostDifferent) return false;
    }
    return true;
  }

  store(signature: Uint16Array): number {
    const item = this.size++;
    if ((item & inChunk) === 0) this.#chunks.push(createChunk());
    if (item * bands === this.#heads.length) this.#widen();
    this.signatureOf(item).set(signature);
    return item;
  }

  signatureOf(item: number): Uint16Array {
    const start = (item & inChunk) * signatureLength;
    return this.#chunkOf(item).signatures.subarray(start, start + signatureLength);
  }

  link(item: number): void {
    const signature = this.signatureOf(item);
    for (let band = 0; band < bands; band++) if (!this.#isFull(signature, band)) this.#linkBand(item, signature, band);
  }

  #chunkOf(item: number): Chunk {
    return this.#chunks[item >>> chunkBits] ?? noChunk;
  }

  #isFull(signature: Uint16Array, band: number): boolean {
    let members = 0;
    for (let entry = this.first(signature, band); entry > 0; entry = this.next(entry)) {
      if (this.isInBucket(entry, signature, band) && ++members >= bucketLimit) return true;
    }
    return false;
  }

  #linkBand(item: number, signature: Uint16Array, band: number): void {
    const slot = this.#slot(signature, band);
    this.#chunkOf(item).links[(item & inChunk) * bands + band] = this.#heads[slot] ?? 0;
    this.#heads[slot] = item * bands + band + 1;
  }

  #slot(signature: Uint16Array, band: number): number {
    let hash = band;
    for (let row = 0; row < rows; row++) hash = mixBits(Math.imul(hash, 31) + (signature[band * rows + row] ?? 0));
    return hash & (this.#heads.length - 1);
  }

  /** Doubles the slots and links all entries anew. */
  #widen(): void {
    this.#heads = new Uint32Array(this.#heads.length * 2);
    for (let item = 0; item < this.size - 1; item++) {
      const signature = this.signatureOf(item);
      const { links } = this.#chunkOf(item);
      for (let band = 0; band < bands; band++) {
        if (links[(item & inChunk) * bands + band] !== unlinked) this.#linkBand(item, signature, band);
      }
    }
  }
}

function createChunk(): Chunk {
  return {
    signatures: new Uint16Array(itemsAChunk * signatureLength),
    links: new Uint32Array(itemsAChunk * bands).fill(unlinked),
    seenIn: new Uint32Array(itemsAChunk),
  };
}
