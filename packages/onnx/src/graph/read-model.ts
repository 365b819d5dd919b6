import { AlignSquadError } from '@align-squad/core';
import type { Attribute, Dimension, GraphProto, ModelProto, NodeProto, TensorProto, ValueProto } from './model.js';
import { readEntry, readTensor } from './read-tensor.js';
import { readFields, readRepeated, type WireReader } from './wire.js';

const signed = (reader: WireReader): number => reader.signed();
const float32 = (reader: WireReader): number => reader.float32();

/**
 * Reads an ONNX model file (field numbers of onnx.proto). Left out are hints that an edited graph would make wrong and that
 * the runtime works out again: shapes of inner values, denotations, the producer, documentation of attributes.
 * @throws AlignSquadError `model-invalid` when the bytes are not an ONNX model, or have a constant of strings, a sparse
 * constant, or an attribute that lists tensors or graphs: edits of the graph would pass over those.
 */
export function readModel(bytes: Uint8Array): ModelProto {
  let irVersion = 0;
  let graph: GraphProto | undefined;
  const opsets: Record<string, number> = {};
  const functions: Uint8Array[] = [];
  const metadata: Record<string, string> = {};
  const rest = readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) irVersion = reader.signed();
    else if (field === 2 || field === 3) reader.bytes();
    else if (field === 7) graph = readGraph(reader.bytes());
    else if (field === 8) readOpset(reader.bytes(), opsets);
    else if (field === 14) readEntry(reader.bytes(), metadata);
    else if (field === 25) functions.push(reader.bytes());
    else return false;
    return true;
  });
  if (!graph) throw new AlignSquadError('The file is not ONNX: it holds no graph.', { code: 'model-invalid' });
  return { irVersion, opsets, graph, functions, metadata, ...(rest && { rest }) };
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

function readGraph(bytes: Uint8Array): GraphProto {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const inputs: ValueProto[] = [];
  const outputs: ValueProto[] = [];
  let name = '';
  const rest = readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) nodes.push(readNode(reader.bytes()));
    else if (field === 2) name = reader.text();
    else if (field === 5) initializers.push(readTensor(reader.bytes()));
    else if (field === 11) inputs.push(readValue(reader.bytes()));
    else if (field === 12) outputs.push(readValue(reader.bytes()));
    // Shapes and types of inner values.
    else if (field === 13) reader.bytes();
    else if (field === 15) throw unsupported('a sparse constant');
    else return false;
    return true;
  });
  return { name, nodes, initializers, inputs, outputs, ...(rest && { rest }) };
}

function readNode(bytes: Uint8Array): NodeProto {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: Record<string, Attribute> = {};
  let name = '';
  let operator = '';
  let domain = '';
  const rest = readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) inputs.push(reader.text());
    else if (field === 2) outputs.push(reader.text());
    else if (field === 3) name = reader.text();
    else if (field === 4) operator = reader.text();
    else if (field === 5) readAttribute(reader.bytes(), attributes);
    else if (field === 7) domain = reader.text();
    else return false;
    return true;
  });
  return { operator, domain: domain === 'ai.onnx' ? '' : domain, name, inputs, outputs, attributes, ...(rest && { rest }) };
}

interface AttributeFields {
  single?: Attribute;
  readonly floats: number[];
  readonly ints: number[];
  readonly strings: string[];
}

function readAttribute(bytes: Uint8Array, into: Record<string, Attribute>): void {
  let name = '';
  let type = 0;
  const found: AttributeFields = { floats: [], ints: [], strings: [] };
  const rest = readFields(bytes, (field, wireType, reader) => {
    if (field === 1) name = reader.text();
    else if (field === 2) found.single = { kind: 'float', value: reader.float32() };
    else if (field === 3) found.single = { kind: 'int', value: reader.signed() };
    else if (field === 4) found.single = { kind: 'string', value: reader.text() };
    else if (field === 5) found.single = { kind: 'tensor', value: readTensor(reader.bytes()) };
    else if (field === 6) found.single = { kind: 'graph', value: readGraph(reader.bytes()) };
    else if (field === 7) return readRepeated(reader, wireType, found.floats, float32);
    else if (field === 8) return readRepeated(reader, wireType, found.ints, signed);
    else if (field === 9) found.strings.push(reader.text());
    else if (field === 13) reader.bytes();
    else if (unsupportedAttributes.has(field)) throw unsupported(`the attribute ${name}, which holds ${unsupportedAttributes.get(field) ?? ''}`);
    else if (field === 20) type = reader.unsigned();
    else return false;
    return true;
  });
  into[name] = (rest ? undefined : attributeOf(type, found)) ?? { kind: 'message', value: bytes };
}

const unsupportedAttributes: ReadonlyMap<number, string> = new Map([
  [10, 'a list of tensors'],
  [11, 'a list of graphs'],
  [22, 'a sparse tensor'],
  [23, 'a list of sparse tensors'],
]);

function unsupported(what: string): AlignSquadError {
  return new AlignSquadError(`The ONNX file has ${what}, which is not supported: export the model again with dense constants.`, {
    code: 'model-invalid',
  });
}

/** A list may be empty, so its kind comes from the declared type; a scalar zero may be left out of the file. */
function attributeOf(type: number, { single, floats, ints, strings }: AttributeFields): Attribute | undefined {
  if (type === 6) return { kind: 'floats', value: floats };
  if (type === 7) return { kind: 'ints', value: ints };
  if (type === 8) return { kind: 'strings', value: strings };
  if (single) return single;
  if (type === 1) return { kind: 'float', value: 0 };
  if (type === 2) return { kind: 'int', value: 0 };
  return type === 3 ? { kind: 'string', value: '' } : undefined;
}

function readValue(bytes: Uint8Array): ValueProto {
  let name = '';
  let typed: Pick<ValueProto, 'type' | 'dims' | 'otherType'> = { type: 0, dims: undefined };
  const rest = readFields(bytes, (field, _wireType, reader) => {
    if (field === 1) name = reader.text();
    else if (field === 2) typed = readType(reader.bytes());
    else return false;
    return true;
  });
  return { name, ...typed, ...(rest && { rest }) };
}

function readType(bytes: Uint8Array): Pick<ValueProto, 'type' | 'dims' | 'otherType'> {
  let type = 0;
  let dims: Dimension[] | undefined;
  const otherType = readFields(bytes, (kind, _wireType, typeReader) => {
    if (kind === 1) {
      readFields(typeReader.bytes(), (field, _tensorWireType, reader) => {
        if (field === 1) type = reader.unsigned();
        else if (field === 2) dims = readDimensions(reader.bytes());
        else return false;
        return true;
      });
    } else if (kind === 6) typeReader.bytes();
    else return false;
    return true;
  });
  return { type, dims, ...(otherType && { otherType }) };
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
