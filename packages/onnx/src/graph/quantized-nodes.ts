import { addInt8Weight, type Int8Weight } from './int8-weights.js';
import { dataType, type Attribute, type NodeProto, type TensorProto } from './model.js';
import type { Product } from './quantized-product.js';

/** Where int8 weights are put, and whether this one serves a table and a product. */
export interface QuantizedOptions {
  readonly added: Map<string, TensorProto>;
  readonly isTied: boolean;
}

// 7 bits for weights: the int8 kernels of CPUs without VNNI add pairs of products in int16, which 8 bits overflow.
const matrixRange = 63;
const tableRange = 127;
// Columns from which a scale a row is small beside the row.
const narrowTable = 16;
const toFloat: Record<string, Attribute> = { to: { kind: 'int', value: dataType.float32 } };

function node(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: Record<string, Attribute> = {}): NodeProto {
  return { operator, domain: '', name: outputs[0] ?? '', inputs, outputs, attributes };
}

/** A table [rows, columns] that is a turned matrix too: a scale a row, which is a column of the matrix. */
function addTied(tensor: TensorProto, added: Map<string, TensorProto>): Int8Weight {
  return addInt8Weight(added, tensor, { suffix: '_tied', scaleAxis: 0, scaleDims: [tensor.dims[0] ?? 0], range: matrixRange });
}

/** x [.., k] by w [k, n]: uint8 activations with their own scale and zero point, int8 weights with a scale a column. */
export function multiply(product: NodeProto, { activation, weight, isTransposed, bias }: Product, { added, isTied }: QuantizedOptions): NodeProto[] {
  const [y = ''] = product.outputs;
  const name = (part: string): string => `${y}_quantized_${part}`;
  const columns = weight.dims[isTransposed ? 0 : 1] ?? 0;
  const layout = { scaleAxis: isTransposed ? 0 : 1, isTransposed, scaleDims: [columns], range: matrixRange } as const;
  const int8 = isTied ? addTied(weight, added) : addInt8Weight(added, weight, { suffix: isTransposed ? '_transposed' : '', ...layout });
  const zeroName = 'int8_zero';
  added.set(zeroName, { name: zeroName, dims: [], type: dataType.int8, bytes: new Uint8Array(1) });
  const matrix = isTied ? name('matrix') : int8.values;
  const result = bias === '' ? y : name('product');
  return [
    // Of a constant, so the runtime turns it once, when it loads the graph.
    ...(isTied ? [node('Transpose', [int8.values], [matrix], { perm: { kind: 'ints', value: [1, 0] } })] : []),
    node('DynamicQuantizeLinear', [activation], [name('uint8'), name('scale'), name('zero')]),
    node('MatMulInteger', [name('uint8'), matrix, name('zero'), zeroName], [name('int32')]),
    node('Cast', [name('int32')], [name('float')], toFloat),
    node('Mul', [name('scale'), int8.scales], [name('scales')]),
    node('Mul', [name('float'), name('scales')], [result]),
    ...(bias === '' ? [] : [node('Add', [result, bias], [y])]),
  ];
}

/** Rows of a table with a scale a row; of a table too narrow for that to save anything, a scale a column. */
export function lookUpRows(gather: NodeProto, table: TensorProto, { added, isTied }: QuantizedOptions): NodeProto[] {
  const [rows = 0, columns = 0] = table.dims;
  const isNarrow = columns < narrowTable && !isTied;
  const [, indices = ''] = gather.inputs;
  const [y = ''] = gather.outputs;
  const name = (part: string): string => `${y}_quantized_${part}`;
  const ownLayout = { suffix: '_row', scaleAxis: isNarrow ? 1 : 0, scaleDims: isNarrow ? [columns] : [rows, 1], range: tableRange } as const;
  const int8 = isTied ? addTied(table, added) : addInt8Weight(added, table, ownLayout);
  const rowScale = isTied ? name('row') : name('scale');
  return [
    node('Gather', [int8.values, indices], [name('int8')]),
    node('Cast', [name('int8')], [name('float')], toFloat),
    ...(isNarrow ? [] : [node('Gather', [int8.scales, indices], [rowScale])]),
    ...(isTied ? unsqueezeLast(rowScale, name('scale'), added) : []),
    node('Mul', [name('float'), isNarrow ? int8.scales : name('scale')], [y]),
  ];
}

/** Scales [..] as columns [.., 1]. */
function unsqueezeLast(from: string, to: string, added: Map<string, TensorProto>): NodeProto[] {
  const axes = 'last_axis';
  added.set(axes, { name: axes, dims: [1], type: dataType.int64, bytes: new Uint8Array(BigInt64Array.of(-1n).buffer) });
  return [node('Unsqueeze', [from, axes], [to])];
}
