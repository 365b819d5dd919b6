import { foldText } from './fold-text.js';
import { hashText } from './hash-text.js';
import { createMinHasher, signatureLength, type ShingleOptions } from './min-hash.js';
import { createSimilarityIndex, type SimilarityIndexOptions } from './similarity-index.js';

/** Options of `nearDuplicateClusters`. */
export type ClusterOptions = ShingleOptions & SimilarityIndexOptions;

/** Takes texts in one by one and keeps a signature and a hash of each, some 270 bytes. */
export interface ClusterBuilder {
  /** Signatures compared by `build`. */
  readonly comparisons: number;
  add(text: string): void;
  /** Clusters of all texts; to be called once, after the last of them. */
  build(): Clusters;
}

/** Which texts belong together. */
export interface Clusters {
  /** Number of the cluster of each text [texts]; clusters are numbered from 0 as their first texts come. */
  readonly clusterOf: Uint32Array;
  readonly clusters: number;
  /** The least hash of the texts of each cluster [clusters, 2], a name for it that no order changes. */
  readonly leastHash: Uint32Array;
}

/**
 * Puts texts with similar shingles into one cluster, also when they are linked by others only. Texts that differ in case, white
 * space or sentence marks alone are always together. Which texts are together does not depend on their order. Linear time.
 * @returns the number of each text's cluster [texts].
 */
export function nearDuplicateClusters(texts: Iterable<string>, options: ClusterOptions = {}): Uint32Array {
  const builder = createClusterBuilder(options);
  for (const text of texts) builder.add(text);
  return builder.build().clusterOf;
}

/** Makes an empty builder, for texts that come from a stream. */
export function createClusterBuilder(options: ClusterOptions = {}): ClusterBuilder {
  const hasher = createMinHasher(options);
  const index = createSimilarityIndex(options);
  const signature = new Uint16Array(signatureLength);
  let hashes = new Uint32Array(256 * 2);
  return {
    get comparisons() {
      return index.comparisons;
    },
    add(text) {
      hasher.sign(text, signature);
      const number = index.store(signature);
      if (2 * number === hashes.length) {
        const larger = new Uint32Array(hashes.length * 2);
        larger.set(hashes);
        hashes = larger;
      }
      hashes.set(hashText(foldText(text)), 2 * number);
    },
    build() {
      const order = sortedByHash(hashes, index.size);
      const parents = Uint32Array.from({ length: index.size }, (_, text) => text);
      // In the order of hashes, since a full bucket passes over what comes later: the order of the texts must not decide.
      for (const [place, text] of order.entries()) {
        const before = order[place - 1];
        if (before !== undefined && isSameHash(hashes, before, text)) {
          unite(parents, before, text);
          continue;
        }
        index.visitSimilar(index.signatureOf(text), (similar) => {
          unite(parents, similar, text);
          return false;
        });
        index.link(text);
      }
      return numberClusters(parents, hashes);
    },
  };
}

function sortedByHash(hashes: Uint32Array, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, text) => text).sort((a, b) => compareHashes(hashes, a, b));
}

function isSameHash(hashes: Uint32Array, a: number, b: number): boolean {
  return hashes[2 * a] === hashes[2 * b] && hashes[2 * a + 1] === hashes[2 * b + 1];
}

/** Orders hashes of a table [hashes, 2] by their first and then their second part. */
export function compareHashes(hashes: Uint32Array, a: number, b: number): number {
  return (hashes[2 * a] ?? 0) - (hashes[2 * b] ?? 0) || (hashes[2 * a + 1] ?? 0) - (hashes[2 * b + 1] ?? 0);
}

function rootOf(parents: Uint32Array, text: number): number {
  let root = text;
  for (let parent = parents[root] ?? root; parent !== root; parent = parents[root] ?? root) {
    // Halves the way for the next search.
    parents[root] = parents[parent] ?? parent;
    root = parents[root] ?? parent;
  }
  return root;
}

function unite(parents: Uint32Array, a: number, b: number): void {
  const [rootA, rootB] = [rootOf(parents, a), rootOf(parents, b)];
  // The least number leads, so that a root is the first text of its cluster.
  parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

function numberClusters(parents: Uint32Array, hashes: Uint32Array): Clusters {
  const clusterOf = new Uint32Array(parents.length);
  // The text with the least hash of each cluster, as far as clusters go.
  const leastText = new Uint32Array(parents.length);
  let clusters = 0;
  for (let text = 0; text < parents.length; text++) {
    const root = rootOf(parents, text);
    const cluster = root === text ? clusters++ : (clusterOf[root] ?? 0);
    clusterOf[text] = cluster;
    if (root === text || compareHashes(hashes, text, leastText[cluster] ?? 0) < 0) leastText[cluster] = text;
  }
  const leastHash = new Uint32Array(2 * clusters);
  for (let cluster = 0; cluster < clusters; cluster++) {
    const text = leastText[cluster] ?? 0;
    leastHash.set(hashes.subarray(2 * text, 2 * text + 2), 2 * cluster);
  }
  return { clusterOf, clusters, leastHash };
}
