import { floatAttribute, stringAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { inputName, noRule, outputGradient, unaryRule, unbroadcast, type GradientRule, type RuleRequest, type UnaryGradient } from './rule.js';

/** x, where it is positive, and something else where it is not. */
const branch = (graph: GraphBuilder, x: string, positive: string, otherwise: string): string =>
  graph.op('Where', [graph.op('Greater', [x, graph.float(0)]), positive, otherwise]);

/** With u = x / sqrt(2), y = x (1 + erf u) / 2 has the slope (1 + erf u + u exp(log(2 / sqrt(pi)) - u^2)) / 2: few passes over x. */
const exactGelu: UnaryGradient = (graph, x, _y, gradient) => {
  const scaled = graph.mul(x, graph.float(Math.SQRT1_2));
  const density = graph.op('Exp', [graph.sub(graph.float(Math.log(2 / Math.sqrt(Math.PI))), graph.mul(scaled, scaled))]);
  const bend = graph.add(graph.op('Erf', [scaled]), graph.mul(density, scaled));
  return graph.mul(gradient, graph.mul(graph.add(bend, graph.float(1)), graph.float(0.5)));
};

/** y = x (1 + tanh u) / 2 with u = k x (1 + c x^2). */
const tanhGelu: UnaryGradient = (graph, x, _y, gradient) => {
  const scale = Math.sqrt(2 / Math.PI);
  const cubic = 0.044715 * scale;
  const square = graph.mul(x, x);
  const inner = graph.mul(x, graph.add(graph.mul(square, graph.float(cubic)), graph.float(scale)));
  const tanh = graph.op('Tanh', [inner]);
  const slope = graph.add(graph.mul(square, graph.float(3 * cubic)), graph.float(scale));
  const bend = graph.mul(graph.mul(x, slope), graph.sub(graph.float(1), graph.mul(tanh, tanh)));
  return graph.mul(gradient, graph.mul(graph.add(graph.add(tanh, bend), graph.float(1)), graph.float(0.5)));
};

const gelu: GradientRule = (request) => {
  const form = stringAttribute(request.node, 'approximate', 'none');
  if (form !== 'none' && form !== 'tanh') throw noRule(request, `in its form ${form}`);
  return unaryRule(form === 'tanh' ? tanhGelu : exactGelu)(request);
};

/** y = x s(a x) with the logistic function s. */
function gatedBySigmoid(graph: GraphBuilder, x: string, alpha: number, gradient: string): string {
  const scaled = alpha === 1 ? x : graph.mul(x, graph.float(alpha));
  const gate = graph.op('Sigmoid', [scaled]);
  const bend = graph.mul(scaled, graph.sub(graph.float(1), gate));
  return graph.mul(graph.mul(gradient, gate), graph.add(bend, graph.float(1)));
}

const quickGelu: GradientRule = (request) => [
  gatedBySigmoid(request.graph, inputName(request.node, 0), floatAttribute(request.node, 'alpha', 1.702), outputGradient(request)),
];

/** y = max(0, min(1, a x + b)). */
function hardSigmoidSlope(graph: GraphBuilder, x: string, alpha: number, beta: number, inside: string): string {
  const line = graph.add(graph.mul(x, graph.float(alpha)), graph.float(beta));
  const isInside = graph.op('And', [graph.op('Greater', [line, graph.float(0)]), graph.op('Less', [line, graph.float(1)])]);
  return graph.op('Where', [isInside, inside, graph.float(0)]);
}

const hardSigmoid: GradientRule = ({ graph, node, ...rest }) => {
  const alpha = floatAttribute(node, 'alpha', 0.2);
  const gradient = graph.mul(outputGradient({ graph, node, ...rest }), graph.float(alpha));
  return [hardSigmoidSlope(graph, inputName(node, 0), alpha, floatAttribute(node, 'beta', 0.5), gradient)];
};

/** y = x max(0, min(1, x / 6 + 1 / 2)). */
const hardSwish: UnaryGradient = (graph, x, _y, gradient) => {
  const gate = graph.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  const slope = hardSigmoidSlope(graph, x, 1 / 6, 0.5, graph.mul(x, graph.float(1 / 6)));
  return graph.mul(gradient, graph.add(gate, slope));
};

/** y = x tanh(softplus(x)). */
const mish: UnaryGradient = (graph, x, _y, gradient) => {
  const tanh = graph.op('Tanh', [graph.op('Softplus', [x])]);
  const bend = graph.mul(graph.mul(x, graph.op('Sigmoid', [x])), graph.sub(graph.float(1), graph.mul(tanh, tanh)));
  return graph.mul(gradient, graph.add(tanh, bend));
};

const elu: GradientRule = (request) => {
  const alpha = floatAttribute(request.node, 'alpha', 1);
  return unaryRule((graph, x, y, gradient) => branch(graph, x, gradient, graph.mul(gradient, graph.add(y, graph.float(alpha)))))(request);
};

const leakyRelu: GradientRule = (request) => {
  const alpha = floatAttribute(request.node, 'alpha', 0.01);
  return unaryRule((graph, x, _y, gradient) => branch(graph, x, gradient, graph.mul(gradient, graph.float(alpha))))(request);
};

const parametricRelu = (request: RuleRequest): readonly (string | undefined)[] => {
  const { graph, node } = request;
  const [x = '', slope = ''] = node.inputs;
  const dims = graph.shape(node.outputs[0] ?? '');
  const gradient = outputGradient(request);
  const side = (value: string, input: string): string => unbroadcast(graph, value, dims, graph.shape(input));
  return [
    request.needs(0) ? side(branch(graph, x, gradient, graph.mul(gradient, slope)), x) : undefined,
    request.needs(1) ? side(branch(graph, x, graph.float(0), graph.mul(gradient, x)), slope) : undefined,
  ];
};

/** Gradients of activation functions. */
export const activationRules: Readonly<Record<string, GradientRule>> = {
  Relu: unaryRule((graph, _x, y, gradient) => graph.mul(gradient, graph.op('Sign', [y]))),
  Tanh: unaryRule((graph, _x, y, gradient) => graph.sub(gradient, graph.mul(gradient, graph.mul(y, y)))),
  Sigmoid: unaryRule((graph, _x, y, gradient) => graph.mul(gradient, graph.sub(y, graph.mul(y, y)))),
  Softplus: unaryRule((graph, x, _y, gradient) => graph.mul(gradient, graph.op('Sigmoid', [x]))),
  Gelu: gelu,
  QuickGelu: quickGelu,
  HardSigmoid: hardSigmoid,
  HardSwish: unaryRule(hardSwish),
  Mish: unaryRule(mish),
  Elu: elu,
  LeakyRelu: leakyRelu,
  PRelu: parametricRelu,
};
