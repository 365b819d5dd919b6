export { createSession, type OnnxSession, type SessionOptions, type SessionOutputs } from './session/session.js';
export { float32, int64, type Tensor, type TensorDataByType, type TensorType } from './session/tensor.js';
