import { dataType, type GraphProto, type TensorProto } from '../graph/model.js';
import { bytesOf } from '../graph/wire.js';
import { createGraphLookup, nodeOf } from './graph-lookup.js';
import { isEncoderPast, isPast, presentOf } from './decoder-names.js';

/** A graph that gives the keys and values of new tokens only. */
export interface NewPositions {
  readonly graph: GraphProto;
  /** Outputs [batch, heads, new tokens, head size] by the input that they continue. */
  readonly outputs: ReadonlyMap<string, string>;
  /** How many are taken out of the whole instead of from where they are computed. */
  readonly sliced: number;
}

const prefix = 'align_squad_new';

/**
 * Adds an output with the new positions of each cache of the decoder: what is put behind the past, or where that is not
 * found the end of the present.
 */
export function addNewPositions(graph: GraphProto): NewPositions {
  const lookup = createGraphLookup(graph);
  const present = new Set(graph.outputs.map(({ name }) => name));
  const outputs = new Map<string, string>();
  const sliced: string[] = [];
  for (const { name: past } of graph.inputs) {
    const whole = presentOf(past);
    if (!isPast(past) || isEncoderPast(past) || !present.has(whole)) continue;
    const producer = lookup.producer(whole);
    const [before, now = '', ...more] = producer?.operator === 'Concat' ? producer.inputs : [];
    const isAppended = before === past && now !== '' && more.length === 0;
    if (!isAppended) sliced.push(whole);
    outputs.set(past, isAppended ? now : `${prefix}.${whole}`);
  }
  const added = [...outputs.values()].filter((name) => !present.has(name));
  return {
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...(sliced.length > 0 ? sliceNodes(sliced) : [])],
      initializers: [...graph.initializers, ...(sliced.length > 0 ? sliceConstants() : [])],
      outputs: [...graph.outputs, ...added.map((name) => ({ name, type: dataType.float32 }))],
    },
    outputs,
    sliced: sliced.length,
  };
}

function sliceNodes(wholes: readonly string[]): GraphProto['nodes'] {
  return [
    nodeOf('Shape', ['input_ids'], `${prefix}.shape`),
    nodeOf('Gather', [`${prefix}.shape`, `${prefix}.axis_one`], `${prefix}.count`),
    nodeOf('Neg', [`${prefix}.count`], `${prefix}.start`),
    ...wholes.map((whole) => nodeOf('Slice', [whole, `${prefix}.start`, `${prefix}.end`, `${prefix}.axis_two`], `${prefix}.${whole}`)),
  ];
}

function sliceConstants(): TensorProto[] {
  return [int64s(`${prefix}.axis_one`, [1]), int64s(`${prefix}.axis_two`, [2]), int64s(`${prefix}.end`, [2 ** 31 - 1])];
}

/** An int64 constant, a vector. */
export function int64s(name: string, values: readonly number[]): TensorProto {
  return { name, dims: [values.length], type: dataType.int64, bytes: bytesOf(BigInt64Array.from(values, BigInt)) };
}
