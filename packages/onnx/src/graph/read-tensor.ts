import { AlignSquadError } from '@align-squad/core';
import { dataType, type TensorProto } from './model.js';
import { bytesOf, readFields, readRepeated, type WireReader } from './wire.js';

const signed = (reader: WireReader): number => reader.signed();
const int64 = (reader: WireReader): bigint => reader.int64();
const float32 = (reader: WireReader): number => reader.float32();
const float64 = (reader: WireReader): number => reader.float64();

/** Adds a pair of texts, as in metadata, to a record. */
export function readEntry(bytes: Uint8Array, into: Record<string, string>): void {
  let key = '';
  let value = '';
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) key = reader.text();
    else if (field === 2) value = reader.text();
    else return false;
    return true;
  });
  into[key] = value;
}

/**
 * Reads a constant; its numbers become raw bytes.
 * @throws AlignSquadError `model-invalid` for a constant of strings.
 */
export function readTensor(bytes: Uint8Array): TensorProto {
  const dims: number[] = [];
  const lists: NumberLists = { floats: [], int32s: [], int64s: [], doubles: [] };
  const external: Record<string, string> = {};
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const rest = readFields(bytes, (field, wireType, reader) => {
    if (field === 1) return readRepeated(reader, wireType, dims, signed);
    if (field === 2) type = reader.unsigned();
    else if (field === 4) return readRepeated(reader, wireType, lists.floats, float32);
    else if (field === 5) return readRepeated(reader, wireType, lists.int32s, signed);
    // int64_data and uint64_data
    else if (field === 7 || field === 11) return readRepeated(reader, wireType, lists.int64s, int64);
    else if (field === 6) throw new AlignSquadError('The ONNX file has a constant of strings, which is not supported.', { code: 'model-invalid' });
    else if (field === 8) name = reader.text();
    else if (field === 9) raw = reader.bytes();
    else if (field === 10) return readRepeated(reader, wireType, lists.doubles, float64);
    else if (field === 13) readEntry(reader.bytes(), external);
    // Where the values are is known by the fields that hold them.
    else if (field === 14) reader.unsigned();
    else return false;
    return true;
  });
  if (Object.keys(external).length > 0) return { name, dims, type, external, ...(rest && { rest }) };
  return { name, dims, type, bytes: raw ?? listBytes(type, lists), ...(rest && { rest }) };
}

interface NumberLists {
  readonly floats: number[];
  readonly int32s: number[];
  readonly int64s: bigint[];
  readonly doubles: number[];
}

const bytesPerInt32 = new Map<number, 1 | 2>([
  [dataType.bool, 1],
  [dataType.uint8, 1],
  [dataType.int8, 1],
  [dataType.uint16, 2],
  [dataType.int16, 2],
  [dataType.float16, 2],
  [dataType.bfloat16, 2],
]);

function listBytes(type: number, { floats, int32s, int64s, doubles }: NumberLists): Uint8Array {
  if (floats.length > 0) return bytesOf(Float32Array.from(floats));
  if (doubles.length > 0) return bytesOf(Float64Array.from(doubles));
  if (int64s.length > 0) return bytesOf(type === dataType.uint32 ? Uint32Array.from(int64s, Number) : BigInt64Array.from(int64s));
  const width = bytesPerInt32.get(type);
  if (width === 1) return Uint8Array.from(int32s);
  return bytesOf(width === 2 ? Uint16Array.from(int32s) : Int32Array.from(int32s));
}
