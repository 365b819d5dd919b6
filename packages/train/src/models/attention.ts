import { dataType, type GraphBuilder } from '@align-squad/onnx/graph';
import type { DeclareWeight } from './weights.js';

// Low enough that exp gives 0, and still a number in float16.
const hidden = -1e4;

/** x [batch, sequence, from] times a weight [from, heads * head size]: [batch, heads, sequence, head size]. */
export function projectHeads(
  graph: GraphBuilder,
  weight: DeclareWeight,
  name: string,
  x: string,
  sizes: { readonly from: number; readonly heads: number; readonly headSize: number },
): string {
  const { from, heads, headSize } = sizes;
  const product = graph.op('MatMul', [x, weight(name, [from, heads * headSize], { deviation: 0.02 })]);
  return graph.transpose(graph.reshape(product, [0, 0, heads, headSize]), [0, 2, 1, 3]);
}

/** What `attend` works on; there may be fewer queries than keys. */
export interface AttentionRequest {
  /** Scaled already; [batch, heads, queries, head size]. */
  readonly query: string;
  /** [batch, key-value heads, keys, head size]. */
  readonly key: string;
  readonly value: string;
  /** Added to every score; broadcasts to [batch, heads, queries, keys]. */
  readonly bias: string;
  readonly heads: number;
  /** Each serves heads / keyValueHeads heads in a row (Ainslie et al. 2023). */
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** Softmax attention: [batch, queries, heads * head size]. */
export function attend(graph: GraphBuilder, request: AttentionRequest): string {
  const { query, key, value, bias, heads, keyValueHeads, headSize } = request;
  const isGrouped = heads !== keyValueHeads;
  // Heads that share keys become rows of one product, instead of each getting a copy of the keys.
  const group = (x: string, size: number): string => (isGrouped ? graph.reshape(x, [0, keyValueHeads, -1, size]) : x);
  const ungroup = (x: string, size: number): string => (isGrouped ? graph.reshape(x, [0, heads, -1, size]) : x);
  const products = graph.op('MatMul', [group(query, headSize), graph.transpose(key, [0, 1, 3, 2])]);
  const shares = graph.op('Softmax', [graph.add(ungroup(products, 0), bias)], { axis: -1 });
  const mixed = ungroup(graph.op('MatMul', [group(shares, 0), value]), headSize);
  return graph.reshape(graph.transpose(mixed, [0, 2, 1, 3]), [0, 0, heads * headSize]);
}

/** The bias of attention: 0 where `visible` holds, very low elsewhere. */
export function visibleBias(graph: GraphBuilder, visible: string): string {
  return graph.op('Where', [visible, graph.float(0), graph.float(hidden)]);
}

/** An attention mask, int64 [batch, keys], as bool [batch, 1, 1, keys]. */
export function maskToVisible(graph: GraphBuilder, mask: string): string {
  return graph.cast(graph.unsqueeze(mask, [1, 2]), dataType.bool);
}

/** The order of a causal sequence. */
export interface CausalOrder {
  /** Places of the queries, int64 [queries]. */
  readonly places: string;
  /** A query sees itself and what came before: bool [queries, keys]. */
  readonly visible: string;
}

/** Queries from place `start` up to `total`, and `total` keys; both are int64 scalars of the graph. */
export function causalOrder(graph: GraphBuilder, start: string, total: string): CausalOrder {
  const range = (from: string): string =>
    graph.node('Range', [from, total, graph.int(1)], { declared: [{ dims: [''], type: dataType.int64 }] })[0] ?? '';
  const places = range(start);
  return { places, visible: graph.op('GreaterOrEqual', [graph.unsqueeze(places, [1]), range(graph.int(0))]) };
}

/** Length of one axis of a value, an int64 scalar of the graph. */
export function lengthOf(graph: GraphBuilder, value: string, axis: number): string {
  const vector = graph.node('Shape', [value], { attributes: { start: axis, end: axis + 1 }, declared: [{ dims: [1], type: dataType.int64 }] });
  return graph.node('Squeeze', vector, { declared: [{ dims: [], type: dataType.int64 }] })[0] ?? '';
}
