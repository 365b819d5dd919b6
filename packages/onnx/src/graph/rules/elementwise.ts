import type { GraphBuilder } from '../builder.js';
import { inputName, noRule, outputGradient, unbroadcast, type GradientRule } from './rule.js';

type UnaryGradient = (graph: GraphBuilder, x: string, y: string, gradient: string) => string;
type BinaryGradient = (graph: GraphBuilder, a: string, b: string, y: string, gradient: string) => string;

/** Rule of y = f(x) from dy: one clause each. */
const unary = (derive: UnaryGradient): GradientRule => (request) => [
  derive(request.graph, inputName(request.node, 0), request.node.outputs[0] ?? '', outputGradient(request)),
];

/** Rule of y = f(a, b) with broadcasting. */
const binary = (deriveA: BinaryGradient, deriveB: BinaryGradient): GradientRule => (request) => {
  const { graph, node } = request;
  if (node.inputs.length !== 2) throw noRule(node, 'of other than two inputs');
  const [a = '', b = ''] = node.inputs;
  const y = node.outputs[0] ?? '';
  const side = (derive: BinaryGradient, input: string): string =>
    unbroadcast(graph, derive(graph, a, b, y, outputGradient(request)), graph.shape(y), graph.shape(input));
  return [request.needs(0) ? side(deriveA, a) : undefined, request.needs(1) ? side(deriveB, b) : undefined];
};

const pass: BinaryGradient = (_graph, _a, _b, _y, gradient) => gradient;

/** Max and Min: the gradient goes to the side that was taken, to the first when equal. */
const extremum = (operator: 'GreaterOrEqual' | 'LessOrEqual'): GradientRule =>
  binary(
    (graph, a, b, _y, gradient) => graph.op('Where', [graph.op(operator, [a, b]), gradient, graph.float(0)]),
    (graph, a, b, _y, gradient) => graph.op('Where', [graph.op(operator, [a, b]), graph.float(0), gradient]),
  );

const gelu: UnaryGradient = (graph, x, _y, gradient) => {
  const density = graph.mul(graph.op('Exp', [graph.mul(graph.mul(x, x), graph.float(-0.5))]), graph.float(1 / Math.sqrt(2 * Math.PI)));
  const cumulative = graph.add(graph.mul(graph.op('Erf', [graph.mul(x, graph.float(Math.SQRT1_2))]), graph.float(0.5)), graph.float(0.5));
  return graph.mul(gradient, graph.add(cumulative, graph.mul(x, density)));
};

/** Gradients of elementwise operators. */
export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: binary(pass, pass),
  Sub: binary(pass, (graph, _a, _b, _y, gradient) => graph.neg(gradient)),
  Mul: binary((graph, _a, b, _y, gradient) => graph.mul(gradient, b), (graph, a, _b, _y, gradient) => graph.mul(gradient, a)),
  Div: binary(
    (graph, _a, b, _y, gradient) => graph.div(gradient, b),
    (graph, _a, b, y, gradient) => graph.neg(graph.div(graph.mul(gradient, y), b)),
  ),
  Max: extremum('GreaterOrEqual'),
  Min: extremum('LessOrEqual'),
  Identity: unary((_graph, _x, _y, gradient) => gradient),
  Cast: unary((_graph, _x, _y, gradient) => gradient),
  Neg: unary((graph, _x, _y, gradient) => graph.neg(gradient)),
  Exp: unary((graph, _x, y, gradient) => graph.mul(gradient, y)),
  Log: unary((graph, x, _y, gradient) => graph.div(gradient, x)),
  Sqrt: unary((graph, _x, y, gradient) => graph.div(graph.mul(gradient, graph.float(0.5)), y)),
  Reciprocal: unary((graph, _x, y, gradient) => graph.neg(graph.mul(gradient, graph.mul(y, y)))),
  Relu: unary((graph, _x, y, gradient) => graph.mul(gradient, graph.op('Sign', [y]))),
  Tanh: unary((graph, _x, y, gradient) => graph.sub(gradient, graph.mul(gradient, graph.mul(y, y)))),
  Sigmoid: unary((graph, _x, y, gradient) => graph.mul(gradient, graph.sub(y, graph.mul(y, y)))),
  Softplus: unary((graph, x, _y, gradient) => graph.mul(gradient, graph.op('Sigmoid', [x]))),
  Erf: unary((graph, x, _y, gradient) =>
    graph.mul(gradient, graph.mul(graph.op('Exp', [graph.neg(graph.mul(x, x))]), graph.float(2 / Math.sqrt(Math.PI))))),
  Gelu: (request) => {
    const form = request.node.attributes['approximate'];
    if (form?.kind === 'string' && form.value !== 'none') throw noRule(request.node, 'in its approximate form');
    return unary(gelu)(request);
  },
  Where: (request) => {
    const { graph, node } = request;
    const [condition = '', a = '', b = ''] = node.inputs;
    const dims = graph.shape(node.outputs[0] ?? '');
    const gradient = outputGradient(request);
    const zero = graph.float(0);
    const pick = (yes: string, no: string, input: string): string =>
      unbroadcast(graph, graph.op('Where', [condition, yes, no]), dims, graph.shape(input));
    return [undefined, request.needs(1) ? pick(gradient, zero, a) : undefined, request.needs(2) ? pick(zero, gradient, b) : undefined];
  },
};
