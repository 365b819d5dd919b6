import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { DeclareWeight } from './weights.js';

/** Added to the mean square before its root is taken. */
export const rmsNormEpsilon = 1e-6;

/** Root mean square normalisation over the last axis of width `width` (Zhang and Sennrich 2019): x [..., width] -> same. */
export function rmsNorm(graph: GraphBuilder, weight: DeclareWeight, name: string, x: string, width: number): string {
  // With Pow and not Mul, in which form the runtime recognises it and makes one kernel of it.
  const meanSquare = graph.mean(graph.op('Pow', [x, graph.float(2)]), [-1]);
  const deviation = graph.op('Sqrt', [graph.add(meanSquare, graph.float(rmsNormEpsilon))]);
  return graph.mul(graph.div(x, deviation), weight(name, [width], { constant: 1 }));
}
