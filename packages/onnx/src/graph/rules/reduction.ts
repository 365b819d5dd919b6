import { reducedAxes } from '../infer-shape.js';
import { elementCount } from '../model.js';
import { inputName, outputGradient, type GradientRule } from './rule.js';

/** Spreads the output's gradient back over the reduced axes, times `factor` of their size. */
const spread = (factor: (count: number) => number): GradientRule => (request) => {
  const { graph, node } = request;
  const dims = graph.shape(inputName(node, 0));
  const axes = reducedAxes(inputName(node, 1) === '' ? undefined : graph.info(inputName(node, 1)).constant, dims.length);
  const kept = graph.reshape(outputGradient(request), dims.map((size, axis) => (axes.includes(axis) ? 1 : size)));
  const scale = factor(elementCount(axes.map((axis) => dims[axis] ?? 1)));
  return [graph.op('Expand', [scale === 1 ? kept : graph.mul(kept, graph.float(scale)), graph.int(dims)])];
};

/** Gradients of reductions. */
export const reductionRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: spread(() => 1),
  ReduceMean: spread((count) => 1 / count),
};
