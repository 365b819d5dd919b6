import type { GraphBuilder } from '../builder.js';
import { elementCount } from '../model.js';
import { reshaped } from './rule.js';

/**
 * Zeros with `size` places along `axis`, onto which the values are added at `indices`; the axes of the indices stand at
 * `axis` in the values' shape. Indices may be negative and may name a place twice.
 */
export function addAlongAxis(graph: GraphBuilder, values: string, indices: string, axis: number, size: number): string {
  const rank = graph.shape(indices).length;
  const dims = graph.shape(values);
  const [before, after] = [dims.slice(0, axis), dims.slice(axis + rank)];
  const count = elementCount(graph.shape(indices));
  // ScatterND adds whole rows, so the axis is brought to the front and back.
  const flat = reshaped(graph, values, [...before, count, ...after]);
  const front = [axis, ...before.map((_, index) => index), ...after.map((_, index) => axis + 1 + index)];
  const rows = axis === 0 ? flat : graph.transpose(flat, front);
  const added = graph.op('ScatterND', [graph.zeros([size, ...before, ...after]), reshaped(graph, indices, [count, 1]), rows], { reduction: 'add' });
  if (axis === 0) return added;
  return graph.transpose(added, [...before.map((_, index) => index + 1), 0, ...after.map((_, index) => axis + 1 + index)]);
}
