/** Element type codes of ONNX tensors (onnx.proto, TensorProto.DataType). */
export const dataType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  bfloat16: 16,
} as const;

/** Fields of a message that have no place of their own here, in the format of the file; written back as they were. */
export type UnreadFields = Uint8Array | undefined;

/** A constant of a graph: raw little-endian bytes, or a place in an external data file. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: number;
  readonly bytes?: Uint8Array | undefined;
  readonly external?: Readonly<Record<string, string>> | undefined;
  readonly rest?: UnreadFields;
}

/** An attribute of a node. */
export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: TensorProto }
  | { readonly kind: 'graph'; readonly value: GraphProto }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** A type, or a reference to one of a function: the message as it was. */
  | { readonly kind: 'message'; readonly value: Uint8Array };

/** One operation. An empty input or output name means that it is left out. */
export interface NodeProto {
  readonly operator: string;
  /** Operator set; empty for the standard one. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly rest?: UnreadFields;
}

/** A dimension: a size, or the name of a free one; an empty name promises nothing, an equal name the same size. */
export type Dimension = number | string;

/** An input or output of a graph; no `dims` means any shape, `type` 0 any type. */
export interface ValueProto {
  readonly name: string;
  readonly type: number;
  readonly dims?: readonly Dimension[] | undefined;
  /** A type that is no dense tensor (a sequence, an optional): the message as it was; `type` is then 0. */
  readonly otherType?: Uint8Array | undefined;
  readonly rest?: UnreadFields;
}

/** Nodes in topological order with their constants. */
export interface GraphProto {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueProto[];
  readonly outputs: readonly ValueProto[];
  readonly rest?: UnreadFields;
}

/** An ONNX model file. */
export interface ModelProto {
  readonly irVersion: number;
  /** Version of each operator set by domain; the standard one is ''. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graph: GraphProto;
  /** Model-local functions, kept as raw bytes. */
  readonly functions: readonly Uint8Array[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly rest?: UnreadFields;
}

/** Number of elements of a shape. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}
