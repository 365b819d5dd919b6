import { AlignSquadError } from '@align-squad/core';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

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

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new AlignSquadError('The ONNX file ends in the middle of a field.', { code: 'model-invalid' });
    return byte;
  }

  /** An unsigned number below 2^53. */
  unsigned(): number {
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      result += (byte & 127) * factor;
      if (byte < 128) return result;
    }
  }

  /** A signed 64-bit number; exact below 2^53. */
  signed(): number {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      result |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, result));
    }
  }

  bytes(): Uint8Array {
    const length = this.unsigned();
    if (this.#position + length > this.#bytes.length) {
      throw new AlignSquadError('The ONNX file ends in the middle of a field.', { code: 'model-invalid' });
    }
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  float32(): number {
    this.#position += 4;
    return this.#view.getFloat32(this.#position - 4, true);
  }

  float64(): number {
    this.#position += 8;
    return this.#view.getFloat64(this.#position - 8, true);
  }

  skip(wireType: number): void {
    if (wireType === 0) this.signed();
    else if (wireType === 1) this.#position += 8;
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#position += 4;
    else throw new AlignSquadError('The file is not ONNX: it has a field of an unknown wire type.', { code: 'model-invalid' });
  }
}

/** Handles one field; returns false to have it skipped. */
export type FieldHandler = (field: number, wireType: number, reader: WireReader) => boolean;

/** Calls `handle` for each field of a message. */
export function readFields(bytes: Uint8Array, handle: FieldHandler): void {
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const key = reader.unsigned();
    const wireType = key % 8;
    if (!handle((key - wireType) / 8, wireType, reader)) reader.skip(wireType);
  }
}

/** Reads a repeated scalar, packed or one at a time, into `into`. */
export function readRepeated(
  reader: WireReader,
  wireType: number,
  into: number[],
  read: (reader: WireReader) => number,
): true {
  if (wireType !== 2) into.push(read(reader));
  else for (const packed = new WireReader(reader.bytes()); !packed.done; ) into.push(read(packed));
  return true;
}

/** Writes the protobuf wire format as a list of chunks; large tensors are not copied until `finish`. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  #put(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  #varint(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
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

  finish(): Uint8Array {
    const result = new Uint8Array(this.#length);
    let position = 0;
    for (const chunk of this.#chunks) {
      result.set(chunk, position);
      position += chunk.length;
    }
    return result;
  }
}
