import { noRule, unaryRule, type GradientRule } from './rule.js';

/** Gradients of functions of one number, apart from activations. */
export const unaryRules: Readonly<Record<string, GradientRule>> = {
  Identity: unaryRule((_graph, _x, _y, gradient) => gradient),
  Cast: unaryRule((graph, x, y, gradient) => {
    const { type } = graph.info(x);
    return type === graph.info(y).type ? gradient : graph.cast(gradient, type);
  }),
  CastLike: (request) => [...(unaryRules['Cast']?.(request) ?? []), undefined],
  Dropout: (request) => {
    const training = request.node.inputs[2];
    if (training && request.graph.info(training).constant?.[0] !== 0) throw noRule(request, 'in its training form');
    return [request.outputGradients[0]];
  },
  Neg: unaryRule((graph, _x, _y, gradient) => graph.neg(gradient)),
  Abs: unaryRule((graph, x, _y, gradient) => graph.mul(gradient, graph.op('Sign', [x]))),
  Exp: unaryRule((graph, _x, y, gradient) => graph.mul(gradient, y)),
  Log: unaryRule((graph, x, _y, gradient) => graph.div(gradient, x)),
  Sqrt: unaryRule((graph, _x, y, gradient) => graph.div(graph.mul(gradient, graph.float(0.5)), y)),
  Reciprocal: unaryRule((graph, _x, y, gradient) => graph.neg(graph.mul(gradient, graph.mul(y, y)))),
  Sin: unaryRule((graph, x, _y, gradient) => graph.mul(gradient, graph.op('Cos', [x]))),
  Cos: unaryRule((graph, x, _y, gradient) => graph.neg(graph.mul(gradient, graph.op('Sin', [x])))),
  Erf: unaryRule((graph, x, _y, gradient) =>
    graph.mul(gradient, graph.mul(graph.op('Exp', [graph.neg(graph.mul(x, x))]), graph.float(2 / Math.sqrt(Math.PI))))),
};
