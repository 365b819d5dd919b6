import { dataType, type GraphProto, type NodeProto, type TensorProto, type ValueProto } from '../graph/model.js';
import { bytesOf } from '../graph/wire.js';
import { topCountName, topIdsName, topLogitsName, topLogSumName, topScaleName } from './decoder-names.js';
import { nodeOf } from './graph-lookup.js';
import { int64s } from './new-positions.js';

const prefix = 'align_squad_top';
/** The version of the operator set from which all that is put in is there. */
const leastOpset = 11;

/**
 * The graph with outputs of the likeliest tokens of each row of logits, their logits, and the log of the sum of exponentials of the
 * row, so that drawing a token does not bring a row as long as the vocabulary to JavaScript. They are worked out only where some are
 * asked for, inside an `If`: the runtime runs every node of a graph, whatever outputs are fetched. Undefined for an old graph.
 */
export function addTopTokens(graph: GraphProto, opset: number): GraphProto | undefined {
  if (opset < leastOpset) return undefined;
  const outputs: ValueProto[] = [
    { name: topIdsName, type: dataType.int64 },
    { name: topLogitsName, type: dataType.float32 },
    { name: topLogSumName, type: dataType.float32 },
  ];
  const branch: NodeProto = {
    operator: 'If', domain: '', name: `${prefix}_if`, inputs: [`${prefix}_wanted`], outputs: outputs.map(({ name }) => name),
    attributes: { then_branch: { kind: 'graph', value: topBranch(opset) }, else_branch: { kind: 'graph', value: emptyBranch() } },
  };
  return {
    ...graph,
    nodes: [...graph.nodes, nodeOf('Greater', [topCountName, `${prefix}_zero`], `${prefix}_wanted`), branch],
    inputs: [...graph.inputs, { name: topCountName, type: dataType.int64, dims: [1] }, { name: topScaleName, type: dataType.float32, dims: [`${prefix}_batch`, 1, 1] }],
    initializers: [...graph.initializers, int64s(`${prefix}_zero`, [0])],
    outputs: [...graph.outputs, ...outputs],
  };
}

function branchOf(name: string, nodes: readonly NodeProto[], initializers: readonly TensorProto[]): GraphProto {
  const named = (part: string, type: number): ValueProto => ({ name: `${prefix}_${name}_${part}`, type });
  return { name: `${prefix}_${name}`, nodes, initializers, inputs: [], outputs: [named('ids', dataType.int64), named('logits', dataType.float32), named('sum', dataType.float32)] };
}

function topBranch(opset: number): GraphProto {
  const name = (part: string): string => `${prefix}_some_${part}`;
  const scaled = [
    nodeOf('Mul', ['logits', topScaleName], name('scaled')),
    opset < 18 ? nodeOf('ReduceLogSumExp', [name('scaled')], name('sum'), { axes: [-1], keepdims: 0 }) : nodeOf('ReduceLogSumExp', [name('scaled'), name('axis')], name('sum'), { keepdims: 0 }),
  ];
  const counted = [
    nodeOf('Shape', ['logits'], name('shape')),
    nodeOf('Gather', [name('shape'), name('axis')], name('vocabulary')),
    // Min takes whole numbers from version 12 on only.
    nodeOf('Less', [topCountName, name('vocabulary')], name('fits')),
    nodeOf('Where', [name('fits'), topCountName, name('vocabulary')], name('count')),
  ];
  const top: NodeProto = { ...nodeOf('TopK', ['logits', name('count')], name('logits'), { axis: -1 }), outputs: [name('logits'), name('ids')] };
  return branchOf('some', [...scaled, ...counted, top], [int64s(name('axis'), [-1])]);
}

function emptyBranch(): GraphProto {
  const empty = (part: string): TensorProto => ({ name: `${prefix}_none_${part}_value`, dims: [0], type: dataType.float32, bytes: bytesOf(new Float32Array(0)) });
  const give = (part: string): NodeProto => nodeOf('Identity', [`${prefix}_none_${part}_value`], `${prefix}_none_${part}`);
  return branchOf('none', ['ids', 'logits', 'sum'].map(give), [int64s(`${prefix}_none_ids_value`, []), empty('logits'), empty('sum')]);
}
