import { dataType, type TensorProto } from './model.js';
import { bytesOf } from './wire.js';

/** A weight as int8 with its scales, by the names that they have in the graph. */
export interface Int8Weight {
  readonly values: string;
  readonly scales: string;
}

/** How a weight is stored. */
export interface Int8Layout {
  /** Put behind the weight's name. */
  readonly suffix: string;
  /** The axis that has a scale for each of its places. */
  readonly scaleAxis: 0 | 1;
  /** Stored turned; `scaleAxis` counts before that. */
  readonly isTransposed?: boolean;
  readonly scaleDims: readonly number[];
  /** The largest magnitude of a value. */
  readonly range: number;
}

/** Adds the int8 form of a float matrix to the tensors, unless it is there. */
export function addInt8Weight(added: Map<string, TensorProto>, tensor: TensorProto, layout: Int8Layout): Int8Weight {
  const weight = { values: `${tensor.name}${layout.suffix}_int8`, scales: `${tensor.name}${layout.suffix}_scale` };
  if (added.has(weight.values)) return weight;
  const { values, scales } = quantize(tensor, layout);
  const [rows = 0, columns = 0] = tensor.dims;
  const dims = layout.isTransposed ? [columns, rows] : [rows, columns];
  added.set(weight.values, { name: weight.values, dims, type: dataType.int8, bytes: bytesOf(values) });
  added.set(weight.scales, { name: weight.scales, dims: layout.scaleDims, type: dataType.float32, bytes: bytesOf(scales) });
  return weight;
}

/** Symmetric int8 of each line along the other axis, by its largest magnitude. */
function quantize(tensor: TensorProto, { scaleAxis, isTransposed = false, range }: Int8Layout): { values: Int8Array; scales: Float32Array } {
  const data = new Float32Array(Uint8Array.from(tensor.bytes ?? []).buffer);
  const [rows = 0, columns = 0] = tensor.dims;
  const [lines, length] = scaleAxis === 0 ? [rows, columns] : [columns, rows];
  const values = new Int8Array(data.length);
  const scales = new Float32Array(lines);
  for (let line = 0; line < lines; line++) {
    const place = (at: number): number => (scaleAxis === 0 ? line * columns + at : at * columns + line);
    const target = (at: number): number => {
      const [row, column] = scaleAxis === 0 ? [line, at] : [at, line];
      return isTransposed ? column * rows + row : row * columns + column;
    };
    let largest = 0;
    for (let at = 0; at < length; at++) largest = Math.max(largest, Math.abs(data[place(at)] ?? 0));
    const scale = largest === 0 ? 1 : largest / range;
    scales[line] = scale;
    for (let at = 0; at < length; at++) values[target(at)] = Math.round((data[place(at)] ?? 0) / scale);
  }
  return { values, scales };
}
