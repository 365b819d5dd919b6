import type { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';

/** What `attend` works on. */
export interface AttendOptions {
  /** [batch, heads, queries, size] */
  readonly query: string;
  /** [batch, key heads, keys, size]; each key head serves the same number of query heads in a row. */
  readonly key: string;
  /** [batch, key heads, keys, value size] */
  readonly value: string;
  /** Factor on the products. @default 1 / sqrt(size) */
  readonly scale?: number | undefined;
  /** Products p become c tanh(p / c); 0 leaves them. @default 0 */
  readonly softcap?: number | undefined;
  /** Added to the products; each broadcasts to [batch, heads, queries, keys]. */
  readonly biases?: readonly string[] | undefined;
}

// Low enough that a masked key has weight 0 beside one that is not.
const masked = -1e9;

/** Attention (Vaswani et al. 2017) over grouped key heads (Ainslie et al. 2023): [batch, heads, queries, value size]. */
export function attend(graph: GraphBuilder, options: AttendOptions): string {
  const [batch = 1, heads = 1, queries = 1, size = 1] = graph.shape(options.query);
  const [, keyHeads = 1, keys = 1] = graph.shape(options.key);
  const valueSize = graph.shape(options.value).at(-1) ?? 1;
  const { scale = 1 / Math.sqrt(size), softcap = 0, biases = [] } = options;
  const group = heads / keyHeads;
  // The query heads of one key head are rows of one product, so that no key is copied.
  const rows = group === 1 ? options.query : graph.reshape(options.query, [batch, keyHeads, group * queries, size]);
  const products = graph.fusedMatMul(rows, options.key, { transB: 1, alpha: scale });
  const capped = softcap === 0 ? products : graph.mul(graph.op('Tanh', [graph.mul(products, graph.float(1 / softcap))]), graph.float(softcap));
  const apart = group === 1 || biases.length === 0 ? capped : graph.reshape(capped, [batch, heads, queries, keys]);
  const scores = biases.reduce((sum, bias) => graph.add(sum, bias), apart);
  const weights = graph.op('Softmax', [scores], { axis: -1 });
  const together = apart === capped ? weights : graph.reshape(weights, [batch, keyHeads, group * queries, keys]);
  const mixed = graph.op('MatMul', [together, options.value]);
  return group === 1 ? mixed : graph.reshape(mixed, [batch, heads, queries, valueSize]);
}

/** [batch, sequence, heads * size] -> [batch, heads, sequence, size] */
export function splitHeads(graph: GraphBuilder, x: string, heads: number): string {
  const [batch = 1, sequence = 1, width = 1] = graph.shape(x);
  return graph.transpose(graph.reshape(x, [batch, sequence, heads, width / heads]), [0, 2, 1, 3]);
}

/** [batch, heads, sequence, size] -> [batch, sequence, heads * size] */
export function joinHeads(graph: GraphBuilder, x: string): string {
  const [batch = 1, heads = 1, sequence = 1, size = 1] = graph.shape(x);
  return graph.reshape(graph.transpose(x, [0, 2, 1, 3]), [batch, sequence, heads * size]);
}

/** A bias that is 0 where a truth value holds and `low` elsewhere. */
export function maskBias(graph: GraphBuilder, isVisible: string, low: number = masked): string {
  return graph.op('Where', [isVisible, graph.float(0), graph.float(low)]);
}

/**
 * Whether a key is not after its query, and not more than `window` keys lie from it to the query's own, both included;
 * [queries, keys]. The last query is the last key, unless `past` says how many keys come before the first query.
 */
export function isCausal(graph: GraphBuilder, queries: number, keys: number, options: { past?: number; window?: number } = {}): string {
  const { past = keys - queries, window } = options;
  const count = (from: number, to: number): string => graph.int(Array.from({ length: to }, (_, index) => from + index));
  const key = count(0, keys);
  const own = graph.reshape(count(past, queries), [queries, 1]);
  const isBefore = graph.op('LessOrEqual', [key, own]);
  if (window === undefined) return isBefore;
  return graph.op('And', [isBefore, graph.op('Greater', [key, graph.sub(own, graph.int(window))])]);
}

/** Whether a key is among the first `lengths` [batch] of its row; [batch, 1, 1, keys]. */
export function isWithin(graph: GraphBuilder, lengths: string, keys: number): string {
  const [batch = 1] = graph.shape(lengths);
  const places = graph.int(Array.from({ length: keys }, (_, index) => index));
  return graph.op('Less', [places, graph.reshape(graph.cast(lengths, dataType.int64), [batch, 1, 1, 1])]);
}
