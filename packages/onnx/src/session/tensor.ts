/** Element types that align-squad feeds to and reads from ONNX graphs. */
export interface TensorDataByType {
  float32: Float32Array;
  int64: BigInt64Array;
  int32: Int32Array;
  uint8: Uint8Array;
  int8: Int8Array;
  bool: Uint8Array;
}

/** Name of an element type. */
export type TensorType = keyof TensorDataByType;

/** A dense tensor in row-major order; `data.length` is the product of `dims`. */
export type Tensor = {
  readonly [T in TensorType]: {
    readonly type: T;
    readonly data: TensorDataByType[T];
    readonly dims: readonly number[];
  };
}[TensorType];

/** A float32 tensor over `data`, without a copy. */
export function float32(data: Float32Array, dims: readonly number[]): Tensor {
  return { type: 'float32', data, dims };
}

/** An int64 tensor of whole numbers. */
export function int64(values: readonly number[] | BigInt64Array, dims: readonly number[]): Tensor {
  return { type: 'int64', data: values instanceof BigInt64Array ? values : BigInt64Array.from(values, BigInt), dims };
}
