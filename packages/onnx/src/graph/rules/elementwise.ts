import type { GraphBuilder } from '../builder.js';
import { dataType } from '../model.js';
import { inputName, noRule, outputGradient, unbroadcast, type GradientRule, type RuleRequest } from './rule.js';

type BinaryGradient = (graph: GraphBuilder, a: string, b: string, y: string, gradient: string) => string;

/** Rule of y = f(a, b) with broadcasting. */
const binary = (deriveA: BinaryGradient, deriveB: BinaryGradient): GradientRule => (request) => {
  const { graph, node } = request;
  const [a = '', b = ''] = node.inputs;
  const y = node.outputs[0] ?? '';
  const side = (derive: BinaryGradient, input: string): string =>
    unbroadcast(graph, derive(graph, a, b, y, outputGradient(request)), graph.shape(y), graph.shape(input));
  return [request.needs(0) ? side(deriveA, a) : undefined, request.needs(1) ? side(deriveB, b) : undefined];
};

const pass: BinaryGradient = (_graph, _a, _b, _y, gradient) => gradient;

/** y = sum of inputs, or their mean. */
const total = (factor: (count: number) => number): GradientRule => (request) => {
  const { graph, node } = request;
  const dims = graph.shape(node.outputs[0] ?? '');
  const scale = factor(node.inputs.length);
  const gradient = scale === 1 ? outputGradient(request) : graph.mul(outputGradient(request), graph.float(scale));
  return node.inputs.map((name, index) => (request.needs(index) ? unbroadcast(graph, gradient, dims, graph.shape(name)) : undefined));
};

/** Max and Min of two: the gradient goes to the side that was taken, to the first when equal. */
const extremumOfTwo = (operator: string): GradientRule =>
  binary(
    (graph, a, b, _y, gradient) => graph.op('Where', [graph.op(operator, [a, b]), gradient, graph.float(0)]),
    (graph, a, b, _y, gradient) => graph.op('Where', [graph.op(operator, [a, b]), graph.float(0), gradient]),
  );

/** Of more than two, equal ones share the gradient. */
const extremum = (operator: 'GreaterOrEqual' | 'LessOrEqual'): GradientRule => (request) => {
  const { graph, node } = request;
  if (node.inputs.length === 1) return [outputGradient(request)];
  if (node.inputs.length === 2) return extremumOfTwo(operator)(request);
  const y = node.outputs[0] ?? '';
  const taken = node.inputs.map((name) => graph.cast(graph.op('Equal', [name, y]), dataType.float32));
  const share = graph.div(outputGradient(request), graph.op('Sum', taken));
  return node.inputs.map((name, index) =>
    request.needs(index) ? unbroadcast(graph, graph.mul(share, taken[index] ?? ''), graph.shape(y), graph.shape(name)) : undefined);
};

const where: GradientRule = (request) => {
  const { graph, node } = request;
  const [condition = '', a = '', b = ''] = node.inputs;
  const dims = graph.shape(node.outputs[0] ?? '');
  const gradient = outputGradient(request);
  const zero = graph.float(0);
  const pick = (yes: string, no: string, input: string): string =>
    unbroadcast(graph, graph.op('Where', [condition, yes, no]), dims, graph.shape(input));
  return [undefined, request.needs(1) ? pick(gradient, zero, a) : undefined, request.needs(2) ? pick(zero, gradient, b) : undefined];
};

/** d (x^p) / dx = p x^(p - 1); d / dp = x^p log x, which is 0 where x is not positive. */
const power: GradientRule = (request) => {
  const { graph, node } = request;
  const [x = '', exponent = ''] = node.inputs;
  const y = node.outputs[0] ?? '';
  const gradient = outputGradient(request);
  const side = (value: string, input: string): string => unbroadcast(graph, value, graph.shape(y), graph.shape(input));
  const byExponent = (): string => {
    const isPositive = graph.op('Greater', [x, graph.float(0)]);
    const log = graph.op('Log', [graph.op('Where', [isPositive, x, graph.float(1)])]);
    return graph.mul(gradient, graph.mul(y, log));
  };
  return [
    request.needs(0) ? side(graph.mul(gradient, powerSlope(graph, x, exponent)), x) : undefined,
    request.needs(1) ? side(byExponent(), exponent) : undefined,
  ];
};

function powerSlope(graph: GraphBuilder, x: string, exponent: string): string {
  const { constant, type } = graph.info(exponent);
  const [value = Number.NaN] = constant?.length === 1 ? constant : [];
  if (value === 2) return graph.mul(x, graph.float(2));
  if (value === 3) return graph.mul(graph.mul(x, x), graph.float(3));
  if (!Number.isNaN(value)) return graph.mul(graph.op('Pow', [x, graph.float(value - 1)]), graph.float(value));
  const float = type === dataType.float32 ? exponent : graph.cast(exponent, dataType.float32);
  return graph.mul(graph.op('Pow', [x, graph.sub(float, graph.float(1))]), float);
}

/** As PyTorch's clamp: the bounds themselves pass the gradient. */
const clip: GradientRule = (request) => {
  const { graph, node } = request;
  const [x = '', low = '', high = ''] = node.inputs;
  if (request.needs(1) || request.needs(2)) throw noRule(request, 'for its bounds');
  const bounds = [low && graph.op('GreaterOrEqual', [x, low]), high && graph.op('LessOrEqual', [x, high])].filter((name) => name !== '');
  if (bounds.length === 0) return [outputGradient(request)];
  const isInside = bounds.reduce((both, next) => graph.op('And', [both, next]));
  return [graph.op('Where', [isInside, outputGradient(request), graph.float(0)])];
};

const trilu = (request: RuleRequest): readonly (string | undefined)[] => {
  const { graph, node } = request;
  return [graph.op('Trilu', [outputGradient(request), ...node.inputs.slice(1)], node.attributes)];
};

/** A cumulative sum of the gradient from the other end. */
const cumulativeSum = (request: RuleRequest): readonly (string | undefined)[] => {
  const { graph, node } = request;
  const isReverse = node.attributes['reverse']?.kind === 'int' && node.attributes['reverse'].value === 1;
  const attributes = { ...node.attributes, reverse: isReverse ? 0 : 1 };
  return [graph.op('CumSum', [outputGradient(request), inputName(node, 1)], attributes)];
};

/** Gradients of operators on numbers that stay at their place. */
export const elementwiseRules: Readonly<Record<string, GradientRule>> = {
  Add: binary(pass, pass),
  Sub: binary(pass, (graph, _a, _b, _y, gradient) => graph.neg(gradient)),
  Mul: binary((graph, _a, b, _y, gradient) => graph.mul(gradient, b), (graph, a, _b, _y, gradient) => graph.mul(gradient, a)),
  Div: binary(
    (graph, _a, b, _y, gradient) => graph.div(gradient, b),
    (graph, _a, b, y, gradient) => graph.neg(graph.div(graph.mul(gradient, y), b)),
  ),
  Pow: power,
  Sum: total(() => 1),
  Mean: total((count) => 1 / count),
  Max: extremum('GreaterOrEqual'),
  Min: extremum('LessOrEqual'),
  Where: where,
  Clip: clip,
  Trilu: trilu,
  CumSum: cumulativeSum,
};
