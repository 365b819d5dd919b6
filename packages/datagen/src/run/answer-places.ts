import { createHash } from 'node:crypto';

/** Where the line of an answer is, in bytes. */
export interface AnswerPlace {
  readonly offset: number;
  readonly length: number;
}

const idWords = 4;
const hexId = /^[0-9a-f]{32}$/u;

/**
 * Where the lines of answers are, by id: an open-addressed table of typed arrays, some 40 bytes an answer outside of the
 * heap, where a Map of strings takes 180 bytes in it and lets it grow to several times that.
 */
export class AnswerPlaces {
  #size = 0;
  #ids = new Uint32Array(idWords * 1024);
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  // Row plus one; zero is a free slot. At most half of the slots are in use.
  #slots = new Uint32Array(2048);

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    return this.#rowOf(idToWords(id)) !== undefined;
  }

  get(id: string): AnswerPlace | undefined {
    const row = this.#rowOf(idToWords(id));
    return row === undefined ? undefined : { offset: this.#offsets[row] ?? 0, length: this.#lengths[row] ?? 0 };
  }

  set(id: string, { offset, length }: AnswerPlace): void {
    const words = idToWords(id);
    const known = this.#rowOf(words);
    const row = known ?? this.#size;
    if (known === undefined) this.#add(words);
    this.#offsets[row] = offset;
    this.#lengths[row] = length;
  }

  #add(words: Uint32Array): void {
    if (this.#size === this.#offsets.length) this.#grow();
    this.#ids.set(words, idWords * this.#size);
    this.#slots[this.#slotOf(words)] = this.#size + 1;
    this.#size += 1;
  }

  #rowOf(words: Uint32Array): number | undefined {
    const entry = this.#slots[this.#slotOf(words)] ?? 0;
    return entry === 0 ? undefined : entry - 1;
  }

  /** The slot of an id, or the free one where it would go. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#slots.length - 1;
    // Ids are hashes, so any of their bits will do.
    for (let slot = (words[0] ?? 0) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] ?? 0;
      if (entry === 0 || this.#isAt(entry - 1, words)) return slot;
    }
  }

  #isAt(row: number, words: Uint32Array): boolean {
    return words.every((word, at) => this.#ids[idWords * row + at] === word);
  }

  #grow(): void {
    const rows = 2 * this.#offsets.length;
    this.#ids = copied(this.#ids, new Uint32Array(idWords * rows));
    this.#offsets = copied(this.#offsets, new Float64Array(rows));
    this.#lengths = copied(this.#lengths, new Uint32Array(rows));
    this.#slots = new Uint32Array(2 * rows);
    for (let row = 0; row < this.#size; row++) this.#slots[this.#slotOf(this.#ids.subarray(idWords * row, idWords * (row + 1)))] = row + 1;
  }
}

/** The 128 bits of an id as four numbers; an id of another form is hashed. */
function idToWords(id: string): Uint32Array {
  const hex = hexId.test(id) ? id : createHash('sha256').update(id).digest('hex');
  return Uint32Array.from({ length: idWords }, (_, word) => Number.parseInt(hex.slice(8 * word, 8 * word + 8), 16));
}

function copied<T extends Uint32Array | Float64Array>(values: T, larger: T): T {
  larger.set(values);
  return larger;
}
