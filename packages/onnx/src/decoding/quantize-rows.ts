import { dataType, type GraphProto, type ModelProto, type NodeProto, type TensorProto } from '../graph/model.js';
import { bytesOf } from '../graph/wire.js';
import { createGraphLookup, nodeOf } from './graph-lookup.js';
import { int64s } from './new-positions.js';

const prefix = 'align_squad_row';
// Operators that hold one scale for all rows of a pass inside.
const passOperators = new Set(['DynamicQuantizeLinear', 'DynamicQuantizeMatMul', 'DynamicQuantizeLSTM', 'QAttention']);

/** Whether activations of a graph are quantised with one scale for all rows of a pass, so that a row depends on the others. */
export function hasPassScales(graph: GraphProto): boolean {
  return graph.nodes.some(({ operator }) => passOperators.has(operator));
}

/**
 * The model with the activations of its int8 products quantised a row at a time, symmetrically to 127 steps: what a token
 * gives no longer depends on the tokens fed with it. The same model where it has none.
 */
export function quantizeRows(model: ModelProto): ModelProto {
  const { graph } = model;
  const lookup = createGraphLookup(graph);
  const isRowwise = (node: NodeProto): boolean => {
    const readers = lookup.readers(node.outputs[0] ?? '');
    return node.operator === 'DynamicQuantizeLinear' && readers.every(({ operator, inputs }) => operator === 'MatMulInteger' && inputs[0] === node.outputs[0] && lookup.isConstant(inputs[1] ?? ''));
  };
  if (!graph.nodes.some(isRowwise)) return model;
  const zeros: TensorProto[] = [];
  const done = new Map<string, readonly [string, string]>();
  const renamed = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node): NodeProto[] => {
    if (!isRowwise(node)) return [node];
    const [values = '', scale = '', zero = ''] = node.outputs;
    const [x = ''] = node.inputs;
    zeros.push({ name: zero, dims: [], type: dataType.uint8, bytes: Uint8Array.of(128) });
    const same = done.get(x);
    // Products of the same activation share its quantised rows.
    if (same) {
      renamed.set(values, same[0]).set(scale, same[1]);
      return [];
    }
    done.set(x, [values, scale]);
    return rowNodes(x, values, scale, (model.opsets[''] ?? 0) >= 18);
  });
  const read = (name: string): string => renamed.get(name) ?? name;
  return {
    ...model,
    graph: {
      ...graph,
      nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(read) })),
      initializers: [...graph.initializers, ...zeros, ...constants()],
    },
  };
}

/** x [.., k] -> uint8 values [.., k] around 128, and the scale of each row [.., 1]. */
function rowNodes(x: string, values: string, scale: string, takesAxes: boolean): NodeProto[] {
  const name = (part: string): string => `${scale}_row_${part}`;
  const last = `${prefix}_last_axis`;
  return [
    nodeOf('Abs', [x], name('abs')),
    takesAxes ? nodeOf('ReduceMax', [name('abs'), last], name('max'), { keepdims: 1 }) : nodeOf('ReduceMax', [name('abs')], name('max'), { axes: [-1], keepdims: 1 }),
    nodeOf('Mul', [name('max'), `${prefix}_step`], name('step')),
    // A row of zeros has no scale of its own.
    nodeOf('Max', [name('step'), `${prefix}_least`], scale),
    nodeOf('Div', [x, scale], name('steps')),
    nodeOf('QuantizeLinear', [name('steps'), `${prefix}_one`, `${prefix}_middle`], values),
  ];
}

function constants(): TensorProto[] {
  const float = (name: string, value: number): TensorProto => ({ name: `${prefix}_${name}`, dims: [], type: dataType.float32, bytes: bytesOf(Float32Array.of(value)) });
  return [
    int64s(`${prefix}_last_axis`, [-1]), float('step', 1 / 127), float('least', 1e-12), float('one', 1),
    { name: `${prefix}_middle`, dims: [], type: dataType.uint8, bytes: Uint8Array.of(128) },
  ];
}
