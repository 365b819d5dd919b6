import { dataType, type TensorProto } from './model.js';

type NumberArray = ArrayLike<number> | ArrayLike<bigint>;

const views: ReadonlyMap<number, (buffer: ArrayBuffer) => NumberArray> = new Map<number, (buffer: ArrayBuffer) => NumberArray>([
  [dataType.float32, (buffer) => new Float32Array(buffer)],
  [dataType.float64, (buffer) => new Float64Array(buffer)],
  [dataType.int64, (buffer) => new BigInt64Array(buffer)],
  [dataType.int32, (buffer) => new Int32Array(buffer)],
  [dataType.int16, (buffer) => new Int16Array(buffer)],
  [dataType.int8, (buffer) => new Int8Array(buffer)],
  [dataType.uint8, (buffer) => new Uint8Array(buffer)],
  [dataType.bool, (buffer) => new Uint8Array(buffer)],
]);

/** The numbers of a constant; undefined where they lie outside the file or the element type is not one of plain numbers. */
export function bytesToNumbers({ type, bytes }: TensorProto): number[] | undefined {
  const view = views.get(type);
  if (!view || !bytes) return undefined;
  // A copy, as the bytes need not be aligned.
  return Array.from(view(Uint8Array.from(bytes).buffer) as ArrayLike<number | bigint>, Number);
}
