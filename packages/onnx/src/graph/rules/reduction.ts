import type { GraphBuilder } from '../builder.js';
import { intAttribute } from '../attributes.js';
import { dataType, elementCount } from '../model.js';
import { reducedAxes } from '../shapes/shape-rule.js';
import { constantInput, inputName, outputGradient, reshaped, type GradientRule, type RuleRequest } from './rule.js';

/** Input, output and its gradient, the latter two with the reduced axes kept at size 1. */
interface Reduction {
  readonly graph: GraphBuilder;
  readonly x: string;
  readonly y: string;
  readonly gradient: string;
  readonly axes: readonly number[];
  readonly dims: readonly number[];
}

const reduction = (derive: (reduction: Reduction) => string): GradientRule => (request: RuleRequest) => {
  const { graph, node } = request;
  const x = inputName(node, 0);
  const dims = graph.shape(x);
  const axes = reducedAxes(constantInput(request, 1), dims.length, intAttribute(node, 'noop_with_empty_axes', 0) === 1);
  const kept = dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const gradient = reshaped(graph, outputGradient(request), kept);
  const [output = ''] = node.outputs;
  // Made only where a rule reads it.
  return [derive({ graph, x, gradient, axes, dims, get y() { return reshaped(graph, output, kept); } })];
};

const sum = (factor: (count: number) => number): GradientRule =>
  reduction(({ graph, gradient, axes, dims }) => {
    const scale = factor(elementCount(axes.map((axis) => dims[axis] ?? 1)));
    return graph.op('Expand', [scale === 1 ? gradient : graph.mul(gradient, graph.float(scale)), graph.int(dims)]);
  });

/** Equal extremes share the gradient. */
const extremum = reduction(({ graph, x, y, gradient, axes }) => {
  const taken = graph.cast(graph.op('Equal', [x, y]), dataType.float32);
  return graph.mul(taken, graph.div(gradient, graph.sum(taken, axes)));
});

// The norm of zeros has gradient 0, as in PyTorch.
const norm = reduction(({ graph, x, y, gradient }) => graph.mul(x, graph.div(gradient, graph.op('Max', [y, graph.float(1e-30)]))));

/** Gradients of reductions. */
export const reductionRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: sum(() => 1),
  ReduceMean: sum((count) => 1 / count),
  ReduceMax: extremum,
  ReduceMin: extremum,
  ReduceL1: reduction(({ graph, x, gradient }) => graph.mul(graph.op('Sign', [x]), gradient)),
  ReduceL2: norm,
  ReduceSumSquare: reduction(({ graph, x, gradient }) => graph.mul(x, graph.mul(gradient, graph.float(2)))),
  ReduceLogSumExp: reduction(({ graph, x, y, gradient }) => graph.mul(graph.op('Exp', [graph.sub(x, y)]), gradient)),
};
