import { AlignSquadError } from '@align-squad/core';
import {
  dataType,
  type Attribute,
  type Dimension,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueProto,
} from './model.js';
import { bytesOf, readFields, readRepeated, type WireReader } from './wire.js';

const signed = (reader: WireReader): number => reader.signed();
const int64 = (reader: WireReader): bigint => reader.int64();
const float32 = (reader: WireReader): number => reader.float32();
const float64 = (reader: WireReader): number => reader.float64();

/**
 * Reads an ONNX model file (field numbers of onnx.proto).
 * @throws AlignSquadError `model-invalid` when the bytes are not an ONNX model.
 */
export function readModel(bytes: Uint8Array): ModelProto {
  let irVersion = 0;
  let graph: GraphProto | undefined;
  const opsets: Record<string, number> = {};
  const functions: Uint8Array[] = [];
  const metadata: Record<string, string> = {};
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) irVersion = reader.signed();
    else if (field === 7) graph = readGraph(reader.bytes());
    else if (field === 8) readOpset(reader.bytes(), opsets);
    else if (field === 14) readEntry(reader.bytes(), metadata);
    else if (field === 25) functions.push(reader.bytes());
    else return false;
    return true;
  });
  if (!graph) throw new AlignSquadError('The file is not ONNX: it holds no graph.', { code: 'model-invalid' });
  return { irVersion, opsets, graph, functions, metadata };
}

function readOpset(bytes: Uint8Array, into: Record<string, number>): void {
  let domain = '';
  let version = 0;
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) domain = reader.text();
    else if (field === 2) version = reader.signed();
    else return false;
    return true;
  });
  into[domain === 'ai.onnx' ? '' : domain] = version;
}

function readEntry(bytes: Uint8Array, into: Record<string, string>): void {
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

function readGraph(bytes: Uint8Array): GraphProto {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueProto[] = [];
  const outputs: ValueProto[] = [];
  let name = '';
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) nodes.push(readNode(reader.bytes()));
    else if (field === 2) name = reader.text();
    else if (field === 5) initializers.push(readTensor(reader.bytes()));
    else if (field === 11) inputs.push(readValue(reader.bytes()));
    else if (field === 12) outputs.push(readValue(reader.bytes()));
    else return false;
    return true;
  });
  return { name, nodes, initializers, inputs, outputs };
}

function readNode(bytes: Uint8Array): NodeProto {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  let name = '';
  let operator = '';
  let domain = '';
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) inputs.push(reader.text());
    else if (field === 2) outputs.push(reader.text());
    else if (field === 3) name = reader.text();
    else if (field === 4) operator = reader.text();
    else if (field === 5) readAttribute(reader.bytes(), attributes);
    else if (field === 7) domain = reader.text();
    else return false;
    return true;
  });
  return { operator, domain: domain === 'ai.onnx' ? '' : domain, name, inputs, outputs, attributes };
}

function readAttribute(bytes: Uint8Array, into: Record<string, Attribute>): void {
  let name = '';
  let type = 0;
  const found: { single?: Attribute; floats: number[]; ints: number[]; strings: string[] } = { floats: [], ints: [], strings: [] };
  readFields(bytes, (field, wireType, reader) => {
    if (field === 1) name = reader.text();
    else if (field === 2) found.single = { kind: 'float', value: reader.float32() };
    else if (field === 3) found.single = { kind: 'int', value: reader.signed() };
    else if (field === 4) found.single = { kind: 'string', value: reader.text() };
    else if (field === 5) found.single = { kind: 'tensor', value: readTensor(reader.bytes()) };
    else if (field === 6) found.single = { kind: 'graph', value: readGraph(reader.bytes()) };
    else if (field === 7) return readRepeated(reader, wireType, found.floats, float32);
    else if (field === 8) return readRepeated(reader, wireType, found.ints, signed);
    else if (field === 9) found.strings.push(reader.text());
    else if (field === 20) type = reader.unsigned();
    else return false;
    return true;
  });
  // A list may be empty, so its kind comes from the declared type; a scalar zero may be left out of the file.
  if (type === 6) into[name] = { kind: 'floats', value: found.floats };
  else if (type === 7) into[name] = { kind: 'ints', value: found.ints };
  else if (type === 8) into[name] = { kind: 'strings', value: found.strings };
  else if (found.single) into[name] = found.single;
  else if (type === 1) into[name] = { kind: 'float', value: 0 };
  else if (type === 2) into[name] = { kind: 'int', value: 0 };
  else if (type === 3) into[name] = { kind: 'string', value: '' };
}

function readValue(bytes: Uint8Array): ValueProto {
  let name = '';
  let type = 0;
  let dims: Dimension[] | undefined;
  const readTensorType = (tensorType: Uint8Array): void =>
    readFields(tensorType, (field, _wireType, reader) => {
      if (field === 1) type = reader.unsigned();
      else if (field === 2) dims = readDimensions(reader.bytes());
      else return false;
      return true;
    });
  readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) name = reader.text();
    else if (field === 2) {
      readFields(reader.bytes(), (kind, _kindWireType, typeReader) => {
        if (kind !== 1) return false;
        readTensorType(typeReader.bytes());
        return true;
      });
    } else return false;
    return true;
  });
  return { name, type, dims };
}

function readDimensions(bytes: Uint8Array): Dimension[] {
  const dims: Dimension[] = [];
  readFields(bytes, (field, _wireType, reader) => {
    if (field !== 1) return false;
    let dimension: Dimension = '';
    readFields(reader.bytes(), (kind, _kindWireType, dimensionReader) => {
      if (kind === 1) dimension = dimensionReader.signed();
      else if (kind === 2) dimension = dimensionReader.text();
      else return false;
      return true;
    });
    dims.push(dimension);
    return true;
  });
  return dims;
}

function readTensor(bytes: Uint8Array): TensorProto {
  const dims: number[] = [];
  const lists: NumberLists = { floats: [], int32s: [], int64s: [], doubles: [] };
  const external: Record<string, string> = {};
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  readFields(bytes, (field, wireType, reader) => {
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
    else return false;
    return true;
  });
  if (Object.keys(external).length > 0) return { name, dims, type, external };
  return { name, dims, type, bytes: raw ?? listBytes(type, lists) };
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
