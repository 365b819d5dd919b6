import { createRandom, type Random } from '@align-squad/core';
import { dataType, GraphBuilder, type ModelProto } from '../graph/index.js';

/** Sizes of the tiny models of these tests. */
export const tiny = { vocabulary: 40, width: 16, heads: 2, headSize: 8, layers: 2, positions: 256 } as const;

/** Shape of their caches. */
export const tinyCache = { heads: tiny.heads, headSize: tiny.headSize } as const;

interface Parts {
  readonly graph: GraphBuilder;
  readonly weight: (dims: readonly number[]) => string;
}

function parts(random: Random): Parts {
  const graph = new GraphBuilder();
  let count = 0;
  const weight = (dims: readonly number[]): string => {
    const data = Float32Array.from({ length: dims.reduce((product, size) => product * size, 1) }, () => 0.5 * random.normal());
    return graph.initializer(`weight_${count++}`, dims, data);
  };
  return { graph, weight };
}

const past = (graph: GraphBuilder, name: string): string => graph.input(`past_key_values.${name}`, dataType.float32, ['batch', tiny.heads, 'past', tiny.headSize]);
const declared = (type: number, dims: readonly (number | string)[]): { declared: [{ dims: readonly (number | string)[]; type: number }] } => ({ declared: [{ dims, type }] });

function lengthOf(graph: GraphBuilder, value: string, axis: number): string {
  return graph.node('Shape', [value], { attributes: { start: axis, end: axis + 1 }, ...declared(dataType.int64, [1]) })[0] ?? '';
}

/** x [batch, tokens, width] -> [batch, heads, tokens, head size]. */
function heads({ graph, weight }: Parts, x: string): string {
  const product = graph.op('MatMul', [x, weight([tiny.width, tiny.width])]);
  return graph.transpose(graph.reshape(product, [0, 0, tiny.heads, tiny.headSize]), [0, 2, 1, 3]);
}

function attend({ graph, weight }: Parts, query: string, key: string, value: string, bias: string): string {
  const shares = graph.op('Softmax', [graph.add(graph.op('MatMul', [query, graph.transpose(key, [0, 1, 3, 2])]), bias)], { axis: -1 });
  const mixed = graph.reshape(graph.transpose(graph.op('MatMul', [shares, value]), [0, 2, 1, 3]), [0, 0, tiny.width]);
  return graph.op('MatMul', [mixed, weight([tiny.width, tiny.width])]);
}

/** A bias [tokens, all] that hides later places; `start` and `end` are int64 [1]. */
function causalBias(graph: GraphBuilder, start: string, end: string): { bias: string; places: string } {
  const range = (from: string): string => {
    const scalars = [from, end].map((name) => graph.node('Squeeze', [name], declared(dataType.int64, []))[0] ?? '');
    return graph.node('Range', [...scalars, graph.int(1)], declared(dataType.int64, ['']))[0] ?? '';
  };
  const places = range(start);
  const visible = graph.op('GreaterOrEqual', [graph.unsqueeze(places, [1]), range(graph.int([0]))]);
  return { places, bias: graph.op('Where', [visible, graph.float(0), graph.float(-1e4)]) };
}

/** A decoder with learned positions; its cache is masked by `attention_mask`. */
export function randomDecoder(seed: number): ModelProto {
  const p = parts(createRandom(seed));
  const { graph, weight } = p;
  const ids = graph.input('input_ids', dataType.int64, ['batch', 'tokens']);
  const mask = graph.input('attention_mask', dataType.int64, ['batch', 'all']);
  const positions = graph.input('position_ids', dataType.int64, ['batch', 'tokens']);
  const all = lengthOf(graph, mask, 1);
  const hides = graph.op('Where', [graph.cast(graph.unsqueeze(mask, [1, 2]), dataType.bool), graph.float(0), graph.float(-1e4)]);
  const bias = graph.add(causalBias(graph, graph.sub(all, lengthOf(graph, ids, 1)), all).bias, hides);
  const embedding = weight([tiny.vocabulary, tiny.width]);
  let hidden = graph.add(graph.op('Gather', [embedding, ids]), graph.op('Gather', [weight([tiny.positions, tiny.width]), positions]));
  const names: Record<string, string> = {};
  for (let layer = 0; layer < tiny.layers; layer++) {
    const key = graph.op('Concat', [past(graph, `${layer}.key`), heads(p, hidden)], { axis: 2 });
    const value = graph.op('Concat', [past(graph, `${layer}.value`), heads(p, hidden)], { axis: -2 });
    names[key] = `present.${layer}.key`;
    names[value] = `present.${layer}.value`;
    hidden = graph.op('Tanh', [graph.add(hidden, attend(p, heads(p, hidden), key, value, bias))]);
  }
  const logits = graph.op('MatMul', [hidden, graph.transpose(embedding, [1, 0])]);
  return graph.model([logits, ...Object.keys(names)], { [logits]: 'logits', ...names });
}

/** An encoder and the decoder to it, one graph for the first and later passes; places are counted by the cache. */
export function randomEncoderDecoder(seed: number): { readonly encoder: ModelProto; readonly decoder: ModelProto } {
  const random = createRandom(seed);
  const e = parts(random);
  const read = e.graph.input('input_ids', dataType.int64, ['batch', 'source']);
  const states = e.graph.op('Tanh', [e.graph.op('Gather', [e.weight([tiny.vocabulary, tiny.width]), read])]);
  const p = parts(random);
  const { graph, weight } = p;
  const ids = graph.input('input_ids', dataType.int64, ['batch', 'tokens']);
  const source = graph.input('encoder_hidden_states', dataType.float32, ['batch', 'source', tiny.width]);
  const own = { key: past(graph, '0.decoder.key'), value: past(graph, '0.decoder.value') };
  const other = { key: past(graph, '0.encoder.key'), value: past(graph, '0.encoder.value') };
  const start = lengthOf(graph, own.key, 2);
  const { bias, places } = causalBias(graph, start, graph.add(start, lengthOf(graph, ids, 1)));
  // Read in the first pass, in the cache later.
  const fresh = graph.node('Slice', [source, lengthOf(graph, other.key, 2), graph.int([1_000_000]), graph.int([1])], declared(dataType.float32, ['batch', 'fresh', tiny.width]))[0] ?? '';
  const embedding = weight([tiny.vocabulary, tiny.width]);
  let hidden = graph.add(graph.op('Gather', [embedding, ids]), graph.op('Gather', [weight([tiny.positions, tiny.width]), places]));
  const append = (before: string, now: string): string => graph.op('Concat', [before, now], { axis: 2 });
  const present = { key: append(own.key, heads(p, hidden)), value: append(own.value, heads(p, hidden)) };
  hidden = graph.op('Tanh', [graph.add(hidden, attend(p, heads(p, hidden), present.key, present.value, bias))]);
  const cross = { key: append(other.key, heads(p, fresh)), value: append(other.value, heads(p, fresh)) };
  hidden = graph.op('Tanh', [graph.add(hidden, attend(p, heads(p, hidden), cross.key, cross.value, graph.float(0)))]);
  const logits = graph.op('MatMul', [hidden, graph.transpose(embedding, [1, 0])]);
  const names = {
    [present.key]: 'present.0.decoder.key', [present.value]: 'present.0.decoder.value',
    [cross.key]: 'present.0.encoder.key', [cross.value]: 'present.0.encoder.value',
  };
  return { encoder: e.graph.model([states], { [states]: 'last_hidden_state' }), decoder: graph.model([logits, ...Object.keys(names)], { [logits]: 'logits', ...names }) };
}
