import type { TensorProto } from './model.js';

/** The 32-bit words of a constant: a view where its bytes are aligned, else a copy. */
export function wordsOf({ bytes = new Uint8Array(0) }: TensorProto): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 4));
}

/** The values of a float32 constant: a view where its bytes are aligned, else a copy. */
export function floatsOf(tensor: TensorProto): Float32Array {
  const words = wordsOf(tensor);
  return new Float32Array(words.buffer, words.byteOffset, words.length);
}

/** The values of a [rows, columns] matrix as those of its [columns, rows] transpose. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return result;
}
