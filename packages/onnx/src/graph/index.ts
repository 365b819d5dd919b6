export { GraphBuilder, type AttributeValue, type NodeOptions } from './builder.js';
export { differentiate } from './differentiate.js';
export type { ValueInfo } from './infer-shape.js';
export {
  dataType,
  elementCount,
  type Attribute,
  type Dimension,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueProto,
} from './model.js';
export { quantizeModel, type QuantizeOptions } from './quantize.js';
export { readModel } from './read-model.js';
export { writeModel } from './write-model.js';
