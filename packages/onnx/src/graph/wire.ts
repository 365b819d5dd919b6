import { AlignSquadError } from '@align-squad/core';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const longestVarint = 10;
const largestInt64 = 2n ** 63n - 1n;

function endsEarly(): AlignSquadError {
  return new AlignSquadError('The ONNX file ends in the middle of a field.', { code: 'model-invalid' });
}

function tooLong(): AlignSquadError {
  return new AlignSquadError('The file is not ONNX: it has a number of more than 64 bits.', { code: 'model-invalid' });
}

/** The bytes of a typed array, without a copy. */
export function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Reads the protobuf wire format. */
export class WireReader {
  #position = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw endsEarly();
    return byte;
  }

  /** Moves past `length` bytes and returns where they began. */
  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) throw endsEarly();
    this.#position += length;
    return start;
  }

  /** An unsigned number below 2^53. */
  unsigned(): number {
    let result = 0;
    for (let count = 0; count < longestVarint; count++) {
      const byte = this.#byte();
      result += (byte & 127) * 128 ** count;
      if (byte < 128) return result;
    }
    throw tooLong();
  }

  /** A signed 64-bit number; exact below 2^53. */
  signed(): number {
    return Number(this.int64());
  }

  /** A signed 64-bit number, exact. */
  int64(): bigint {
    let result = 0n;
    for (let count = 0; count < longestVarint; count++) {
      const byte = this.#byte();
      result |= BigInt(byte & 127) << BigInt(7 * count);
      if (byte < 128) return BigInt.asIntN(64, result);
    }
    throw tooLong();
  }

  bytes(): Uint8Array {
    const length = this.unsigned();
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  float32(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.unsigned();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#advance(4);
    else throw new AlignSquadError('The file is not ONNX: it has a field of an unknown wire type.', { code: 'model-invalid' });
  }
}

/** Handles one field; returns false to have it kept unread. */
export type FieldHandler = (field: number, wireType: number, reader: WireReader) => boolean;

/** Calls `handle` for each field of a message; returns the bytes of those that it did not read, undefined when there are none. */
export function readFields(bytes: Uint8Array, handle: FieldHandler): Uint8Array | undefined {
  const reader = new WireReader(bytes);
  const unread: Uint8Array[] = [];
  while (!reader.done) {
    const start = reader.position;
    const key = reader.unsigned();
    const wireType = key % 8;
    if (handle((key - wireType) / 8, wireType, reader)) continue;
    reader.skip(wireType);
    unread.push(bytes.subarray(start, reader.position));
  }
  return unread.length === 0 ? undefined : joinBytes(unread);
}

/** The bytes of several arrays, one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let position = 0;
  for (const part of parts) {
    result.set(part, position);
    position += part.length;
  }
  return result;
}

/** Reads a repeated scalar, packed or one at a time, into `into`. */
export function readRepeated<T>(reader: WireReader, wireType: number, into: T[], read: (reader: WireReader) => T): true {
  if (wireType !== 2) into.push(read(reader));
  else for (const packed = new WireReader(reader.bytes()); !packed.done; ) into.push(read(packed));
  return true;
}

/** Writes the protobuf wire format as a list of chunks; large tensors are not copied. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  #put(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  #varint(value: number): this {
    // 2^63 - 1, which marks an open end in many files, reads as the float 2^63.
    let rest = BigInt.asUintN(64, value >= 2 ** 63 ? largestInt64 : BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      bytes.push(rest > 0n ? low | 128 : low);
    } while (rest > 0n);
    return this.#put(Uint8Array.from(bytes));
  }

  int(field: number, value: number): this {
    return this.#varint(field * 8).#varint(value);
  }

  float(field: number, value: number): this {
    return this.#varint(field * 8 + 5).#put(bytesOf(Float32Array.of(value)));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#varint(field * 8 + 2).#varint(value.length).#put(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: WireWriter): this {
    this.#varint(field * 8 + 2).#varint(value.#length);
    for (const chunk of value.#chunks) this.#put(chunk);
    return this;
  }

  /** Fields that are in the format already. */
  fields(value: Uint8Array | undefined): this {
    return value ? this.#put(value) : this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written, in parts. */
  get chunks(): readonly Uint8Array[] {
    return this.#chunks;
  }

  finish(): Uint8Array {
    return joinBytes(this.#chunks);
  }
}
