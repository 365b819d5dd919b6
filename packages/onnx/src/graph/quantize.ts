import { dataType, type Attribute, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from './model.js';
import { bytesOf } from './wire.js';

/** Options of `quantizeModel`. */
export interface QuantizeOptions {
  /** Float tables and matrices with fewer values stay as they are. @default 1024 */
  readonly minValues?: number | undefined;
}

// 7 bits for weights: the int8 kernels of CPUs without VNNI add pairs of products in int16, which 8 bits overflow.
const matrixRange = 63;
const tableRange = 127;
// Columns from which a scale a row is small beside the row.
const narrowTable = 16;

/**
 * Dynamic int8 quantisation: weights of MatMul become int8 with a scale a column, activations uint8 with a scale a run;
 * tables of Gather (axis 0) become int8 with a scale a row, or a column where they have fewer than 16. Everything else
 * stays float32.
 * Scores of a batch depend on its rows (one activation scale); run rows alone where that matters.
 */
export function quantizeModel(model: ModelProto, options: QuantizeOptions = {}): ModelProto {
  const minValues = options.minValues ?? 1024;
  const { graph } = model;
  const weights = new Map(
    graph.initializers
      .filter(({ type, dims, bytes }) => type === dataType.float32 && dims.length === 2 && (bytes?.length ?? 0) >= minValues * 4)
      .map((tensor) => [tensor.name, tensor]),
  );
  const added = new Map<string, TensorProto>();
  const nodes = graph.nodes.flatMap((node): NodeProto[] => {
    const table = node.operator === 'Gather' && axisOf(node) === 0 ? weights.get(node.inputs[0] ?? '') : undefined;
    if (table) return quantizeGather(node, table, added);
    const matrix = node.operator === 'MatMul' && node.domain === '' ? weights.get(node.inputs[1] ?? '') : undefined;
    return matrix ? quantizeMatMul(node, matrix, added) : [node];
  });
  const used = usedNames({ ...graph, nodes });
  const kept = graph.initializers.filter(({ name }) => used.has(name));
  // Old files list their weights among the inputs too.
  const dropped = new Set(graph.initializers.filter(({ name }) => !used.has(name)).map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !dropped.has(name));
  const quantized: GraphProto = { ...graph, nodes, inputs, initializers: [...kept, ...added.values()] };
  return { ...model, graph: quantized };
}

/** Names that nodes read, those of nested graphs too, and names that the graph returns. */
function usedNames(graph: GraphProto): Set<string> {
  const nested = graph.nodes.flatMap(({ attributes }) => Object.values(attributes).flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : [])));
  return new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ name }) => name),
    ...nested.flatMap((inner) => [...usedNames(inner)]),
  ]);
}

function axisOf(node: NodeProto): number {
  const axis = node.attributes['axis'];
  return axis?.kind === 'int' ? axis.value : 0;
}

function floats(tensor: TensorProto): Float32Array {
  return new Float32Array(new Uint8Array(tensor.bytes ?? []).buffer);
}

function node(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: Record<string, Attribute> = {}): NodeProto {
  return { operator, domain: '', name: outputs[0] ?? '', inputs, outputs, attributes };
}

/** x [.., k] by w [k, n]: uint8 activations with their own scale and zero point, int8 weights with a scale a column. */
function quantizeMatMul(matMul: NodeProto, matrix: TensorProto, added: Map<string, TensorProto>): NodeProto[] {
  const [rows = 0, columns = 0] = matrix.dims;
  const quantizedName = `${matrix.name}_int8`;
  const scaleName = `${matrix.name}_scale`;
  if (!added.has(quantizedName)) {
    const { values, scales } = quantizeLines(floats(matrix), columns, (line, at) => at * columns + line, rows, matrixRange);
    added.set(quantizedName, { name: quantizedName, dims: matrix.dims, type: dataType.int8, bytes: bytesOf(values) });
    added.set(scaleName, { name: scaleName, dims: [columns], type: dataType.float32, bytes: bytesOf(scales) });
  }
  const zeroName = 'int8_zero';
  added.set(zeroName, { name: zeroName, dims: [], type: dataType.int8, bytes: new Uint8Array(1) });
  const [x = ''] = matMul.inputs;
  const [y = ''] = matMul.outputs;
  const name = (part: string): string => `${y}_${part}`;
  return [
    node('DynamicQuantizeLinear', [x], [name('uint8'), name('scale'), name('zero')]),
    node('MatMulInteger', [name('uint8'), quantizedName, name('zero'), zeroName], [name('int32')]),
    node('Cast', [name('int32')], [name('float')], { to: { kind: 'int', value: dataType.float32 } }),
    node('Mul', [name('scale'), scaleName], [name('scales')]),
    node('Mul', [name('float'), name('scales')], [y]),
  ];
}

/** A scale a row; of a table too narrow for that to save anything, a scale a column. */
function quantizeGather(gather: NodeProto, table: TensorProto, added: Map<string, TensorProto>): NodeProto[] {
  const [rows = 0, columns = 0] = table.dims;
  const isNarrow = columns < narrowTable;
  const quantizedName = `${table.name}_row_int8`;
  const scaleName = `${table.name}_row_scale`;
  if (!added.has(quantizedName)) {
    const { values, scales } = isNarrow
      ? quantizeLines(floats(table), columns, (line, at) => at * columns + line, rows, tableRange)
      : quantizeLines(floats(table), rows, (line, at) => line * columns + at, columns, tableRange);
    added.set(quantizedName, { name: quantizedName, dims: table.dims, type: dataType.int8, bytes: bytesOf(values) });
    added.set(scaleName, { name: scaleName, dims: isNarrow ? [columns] : [rows, 1], type: dataType.float32, bytes: bytesOf(scales) });
  }
  const [, indices = ''] = gather.inputs;
  const [y = ''] = gather.outputs;
  const name = (part: string): string => `${y}_${part}`;
  return [
    node('Gather', [quantizedName, indices], [name('int8')]),
    node('Cast', [name('int8')], [name('float')], { to: { kind: 'int', value: dataType.float32 } }),
    ...(isNarrow ? [] : [node('Gather', [scaleName, indices], [name('scale')])]),
    node('Mul', [name('float'), isNarrow ? scaleName : name('scale')], [y]),
  ];
}

/** Symmetric int8 of each line (a row or a column), by its largest magnitude. */
function quantizeLines(
  data: Float32Array,
  lines: number,
  place: (line: number, at: number) => number,
  length: number,
  range: number,
): { values: Int8Array; scales: Float32Array } {
  const values = new Int8Array(data.length);
  const scales = new Float32Array(lines);
  for (let line = 0; line < lines; line++) {
    let largest = 0;
    for (let at = 0; at < length; at++) largest = Math.max(largest, Math.abs(data[place(line, at)] ?? 0));
    const scale = largest === 0 ? 1 : largest / range;
    scales[line] = scale;
    for (let at = 0; at < length; at++) values[place(line, at)] = Math.round((data[place(line, at)] ?? 0) / scale);
  }
  return { values, scales };
}
