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
export { importModel, type ImportedModel, type ImportedWeight } from './import-model.js';
export { joinModels, type JoinOptions } from './join-models.js';
export { selectOutputs } from './select-outputs.js';
export { findTiedWeights, type Tie } from './tied-weights.js';
export { addLora, type LoraModel, type LoraOptions } from './lora.js';
export { readModelFile, writeModelFile, type WriteModelFileOptions } from './model-file.js';
export { requireFloatModel } from './require-float-model.js';
