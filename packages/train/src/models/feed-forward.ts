import type { GraphBuilder } from '@align-squad/onnx/graph';
import type { ResolvedShape } from './transformer-shape.js';
import type { DeclareWeight } from './weights.js';

/** Gated feed-forward layer without biases (SwiGLU, Shazeer 2020): x [..., width] -> same. */
export function feedForward(graph: GraphBuilder, weight: DeclareWeight, shape: ResolvedShape, name: string, x: string): string {
  const { width, feedForwardWidth: inner, outDeviation } = shape;
  const gate = graph.op('MatMul', [x, weight(`${name}.gate_proj.weight`, [width, inner], { deviation: 0.02 })]);
  const up = graph.op('MatMul', [x, weight(`${name}.up_proj.weight`, [width, inner], { deviation: 0.02 })]);
  const active = graph.mul(graph.mul(gate, graph.op('Sigmoid', [gate])), up);
  return graph.op('MatMul', [active, weight(`${name}.down_proj.weight`, [inner, width], { deviation: outDeviation })]);
}
