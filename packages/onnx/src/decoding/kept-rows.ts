import { dataType, type GraphProto, type NodeProto } from '../graph/model.js';
import { createGraphLookup, nodeOf, type GraphLookup } from './graph-lookup.js';
import { keptRowsName, likeliestName, logitSumName } from './decoder-names.js';
import { int64s } from './new-positions.js';

const prefix = 'align_squad_kept';
const lastAxis = `${prefix}_last_axis`;
const longestPath = 8;

/**
 * The graph with an input that says of how many tokens, the last ones fed, logits are worked out: the output layer over a whole
 * prompt is most of its cost. Undefined where the product that gives the logits is not found.
 */
export function keepLastRows(graph: GraphProto): GraphProto | undefined {
  const logits = graph.outputs.find(({ name }) => name === 'logits');
  const lookup = createGraphLookup(graph);
  const reader = logits?.dims?.length === 3 ? findProduct(lookup, 'logits', longestPath) : undefined;
  const [activation = ''] = reader?.inputs ?? [];
  if (!reader || activation === '') return undefined;
  const kept = `${prefix}_hidden`;
  const slice = [nodeOf('Neg', [keptRowsName], `${prefix}_start`), nodeOf('Slice', [activation, `${prefix}_start`, `${prefix}_end`, `${prefix}_axis`], kept)];
  const nodes = graph.nodes.flatMap((node) => (node === reader ? [...slice, { ...node, inputs: [kept, ...node.inputs.slice(1)] }] : [node]));
  return {
    ...graph,
    nodes,
    inputs: [...graph.inputs, { name: keptRowsName, type: dataType.int64, dims: [1] }],
    initializers: [...graph.initializers, int64s(`${prefix}_end`, [2 ** 31 - 1]), int64s(`${prefix}_axis`, [1])],
    outputs: graph.outputs.map((output) => (output === logits ? { name: output.name, type: output.type } : output)),
  };
}

/** The node that reads the hidden state [batch, tokens, width] to make the logits of each row on its own; `left` nodes may lie between. */
function findProduct(lookup: GraphLookup, name: string, left: number): NodeProto | undefined {
  const node = lookup.producer(name);
  if (!node || left === 0) return undefined;
  const [first = '', second = ''] = node.inputs;
  switch (node.operator) {
    case 'MatMul':
      return lookup.isConstant(second) ? node : undefined;
    case 'MatMulNBits':
      return node;
    case 'MatMulInteger': {
      const quantize = lookup.producer(first);
      const isOnlyReader = lookup.readers(first).length === 1;
      return quantize?.operator === 'DynamicQuantizeLinear' && isOnlyReader && lookup.isConstant(second) ? quantize : undefined;
    }
    case 'Cast':
    case 'Identity':
    case 'Tanh':
      return findProduct(lookup, first, left - 1);
    case 'Add':
    case 'Mul':
    case 'Div':
      if (isRowFree(lookup, second)) return findProduct(lookup, first, left - 1);
      return isRowFree(lookup, first) && node.operator !== 'Div' ? findProduct(lookup, second, left - 1) : undefined;
    default:
      return undefined;
  }
}

/** Whether a value is the same for all rows: of constants, or the scale of a quantised pass. */
function isRowFree(lookup: GraphLookup, name: string): boolean {
  if (lookup.isConstant(name)) return true;
  const node = lookup.producer(name);
  if (node?.operator === 'DynamicQuantizeLinear') return node.outputs[1] === name;
  return node?.operator === 'Mul' && node.inputs.every((input) => isRowFree(lookup, input));
}

/** The graph with outputs that say the likeliest token of each row of logits, of equal ones the first, and the sum of the row. */
export function addLikeliest(graph: GraphProto, opset: number): GraphProto {
  return {
    ...graph,
    nodes: [
      ...graph.nodes,
      nodeOf('ArgMax', ['logits'], likeliestName, { axis: -1, keepdims: 0 }),
      // Axes are an input from version 13 on.
      opset < 13 ? nodeOf('ReduceSum', ['logits'], logitSumName, { axes: [-1], keepdims: 0 }) : nodeOf('ReduceSum', ['logits', lastAxis], logitSumName, { keepdims: 0 }),
    ],
    initializers: [...graph.initializers, int64s(lastAxis, [-1])],
    outputs: [...graph.outputs, { name: likeliestName, type: dataType.int64 }, { name: logitSumName, type: dataType.float32 }],
  };
}
