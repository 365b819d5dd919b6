import type { Attribute, GraphProto, ModelProto, NodeProto, TensorProto, ValueProto } from './model.js';
import { WireWriter } from './wire.js';

/** Writes an ONNX model file (field numbers of onnx.proto). */
export function writeModel(model: ModelProto): Uint8Array {
  return modelMessage(model).finish();
}

/** The file of `writeModel` before its parts are joined; tensors in it are not copied. */
export function modelMessage(model: ModelProto): WireWriter {
  const writer = new WireWriter().int(1, model.irVersion).text(2, 'align-squad').message(7, graphMessage(model.graph));
  for (const [domain, version] of Object.entries(model.opsets)) {
    writer.message(8, new WireWriter().text(1, domain).int(2, version));
  }
  for (const [key, value] of Object.entries(model.metadata)) writer.message(14, entryMessage(key, value));
  for (const bytes of model.functions) writer.bytes(25, bytes);
  return writer.fields(model.rest);
}

function entryMessage(key: string, value: string): WireWriter {
  return new WireWriter().text(1, key).text(2, value);
}

function graphMessage(graph: GraphProto): WireWriter {
  const writer = new WireWriter();
  for (const node of graph.nodes) writer.message(1, nodeMessage(node));
  writer.text(2, graph.name);
  for (const tensor of graph.initializers) writer.message(5, tensorMessage(tensor));
  for (const value of graph.inputs) writer.message(11, valueMessage(value));
  for (const value of graph.outputs) writer.message(12, valueMessage(value));
  return writer.fields(graph.rest);
}

function nodeMessage(node: NodeProto): WireWriter {
  const writer = new WireWriter();
  for (const input of node.inputs) writer.text(1, input);
  for (const output of node.outputs) writer.text(2, output);
  writer.text(3, node.name).text(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes)) writer.message(5, attributeMessage(name, attribute));
  if (node.domain) writer.text(7, node.domain);
  return writer.fields(node.rest);
}

function attributeMessage(name: string, attribute: Attribute): WireWriter {
  const writer = new WireWriter().text(1, name);
  switch (attribute.kind) {
    case 'float':
      return writer.float(2, attribute.value).int(20, 1);
    case 'int':
      return writer.int(3, attribute.value).int(20, 2);
    case 'string':
      return writer.text(4, attribute.value).int(20, 3);
    case 'tensor':
      return writer.message(5, tensorMessage(attribute.value)).int(20, 4);
    case 'graph':
      return writer.message(6, graphMessage(attribute.value)).int(20, 5);
    case 'floats':
      for (const value of attribute.value) writer.float(7, value);
      return writer.int(20, 6);
    case 'ints':
      for (const value of attribute.value) writer.int(8, value);
      return writer.int(20, 7);
    case 'strings':
      for (const value of attribute.value) writer.text(9, value);
      return writer.int(20, 8);
    case 'message':
      return new WireWriter().fields(attribute.value);
    default:
      return attribute satisfies never;
  }
}

function tensorMessage(tensor: TensorProto): WireWriter {
  const writer = new WireWriter();
  for (const size of tensor.dims) writer.int(1, size);
  writer.int(2, tensor.type).text(8, tensor.name).fields(tensor.rest);
  if (!tensor.external) return writer.bytes(9, tensor.bytes ?? new Uint8Array(0));
  for (const [key, value] of Object.entries(tensor.external)) writer.message(13, entryMessage(key, value));
  return writer.int(14, 1);
}

function valueMessage(value: ValueProto): WireWriter {
  const writer = new WireWriter().text(1, value.name).fields(value.rest);
  if (value.otherType) return writer.bytes(2, value.otherType);
  if (value.type === 0) return writer;
  const tensorType = new WireWriter().int(1, value.type);
  if (value.dims) {
    const shape = new WireWriter();
    for (const dimension of value.dims) {
      shape.message(1, typeof dimension === 'number' ? new WireWriter().int(1, dimension) : new WireWriter().text(2, dimension));
    }
    tensorType.message(2, shape);
  }
  return writer.message(2, new WireWriter().message(1, tensorType));
}
