import type { TextHash } from './hash-text.js';

/** A set of hashes in typed arrays: 8 bytes a slot, at most half of the slots in use. */
export interface HashSet {
  readonly size: number;
  has(hash: TextHash): boolean;
  /** Adds a hash; one that is there already changes nothing. */
  add(hash: TextHash): void;
}

/** Makes an empty set, which grows by doubling. */
export function createHashSet(): HashSet {
  let slots = new Uint32Array(2 * 1024);
  let size = 0;
  // A pair of zeros marks a free slot, so the hash of two zeros is kept as another one.
  const lowOf = ([high, low]: TextHash): number => (high === 0 && low === 0 ? 1 : low);
  const slotOf = (table: Uint32Array, high: number, low: number): number => {
    const mask = table.length / 2 - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const isFree = table[2 * slot] === 0 && table[2 * slot + 1] === 0;
      if (isFree || (table[2 * slot] === high && table[2 * slot + 1] === low)) return 2 * slot;
    }
  };
  const holds = (slot: number): boolean => slots[slot] !== 0 || slots[slot + 1] !== 0;
  const grow = (): void => {
    const larger = new Uint32Array(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot += 2) {
      if (holds(slot)) larger.set(slots.subarray(slot, slot + 2), slotOf(larger, slots[slot] ?? 0, slots[slot + 1] ?? 0));
    }
    slots = larger;
  };
  return {
    get size() {
      return size;
    },
    has: (hash) => holds(slotOf(slots, hash[0], lowOf(hash))),
    add(hash) {
      const slot = slotOf(slots, hash[0], lowOf(hash));
      if (holds(slot)) return;
      slots[slot] = hash[0];
      slots[slot + 1] = lowOf(hash);
      size += 1;
      if (size * 4 > slots.length) grow();
    },
  };
}
