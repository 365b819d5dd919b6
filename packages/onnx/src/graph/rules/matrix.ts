import { floatAttribute, intAttribute, stringAttribute } from '../attributes.js';
import { elementCount } from '../model.js';
import { parseEinsum } from '../shapes/einsum-equation.js';
import { inputName, noRule, outputGradient, reshaped, unbroadcast, type GradientRule, type RuleRequest } from './rule.js';

/** x [..., k] times a weight [k, n]: both gradients are one Gemm over the flattened rows. */
function weightProduct(request: RuleRequest): readonly (string | undefined)[] {
  const { graph, node } = request;
  const [a = '', b = ''] = node.inputs;
  const aDims = graph.shape(a);
  const [inner = 1, columns = 1] = graph.shape(b);
  const rows = elementCount(aDims.slice(0, -1));
  const gradient = reshaped(graph, outputGradient(request), [rows, columns]);
  return [
    request.needs(0) ? reshaped(graph, graph.op('Gemm', [gradient, b], { transB: 1 }), aDims) : undefined,
    request.needs(1) ? graph.op('Gemm', [reshaped(graph, a, [rows, inner]), gradient], { transA: 1 }) : undefined,
  ];
}

const matMul: GradientRule = (request) => {
  const { graph, node } = request;
  const [a = '', b = ''] = node.inputs;
  if (intAttribute(node, 'transBatchA', 0) || intAttribute(node, 'transBatchB', 0)) throw noRule(request, 'with turned batch axes');
  if (graph.shape(b).length === 2 && !intAttribute(node, 'transA', 0) && !intAttribute(node, 'transB', 0) && node.domain === '') {
    return weightProduct(request);
  }
  if (graph.shape(a).length < 2 || graph.shape(b).length < 2) throw noRule(request, 'of vectors');
  const transA = intAttribute(node, 'transA', 0);
  const transB = intAttribute(node, 'transB', 0);
  const alpha = floatAttribute(node, 'alpha', 1);
  const gradient = outputGradient(request);
  const batch = graph.shape(node.outputs[0] ?? '').slice(0, -2);
  const product = (left: string, right: string, leftT: number, rightT: number, input: string): string => {
    const dims = graph.shape(input);
    const full = graph.fusedMatMul(left, right, { transA: leftT, transB: rightT, alpha });
    return unbroadcast(graph, full, [...batch, ...dims.slice(-2)], dims);
  };
  const gradientA = (): string => (transA ? product(b, gradient, transB, 1, a) : product(gradient, b, 0, 1 - transB, a));
  const gradientB = (): string => (transB ? product(gradient, a, 1, transA, b) : product(a, gradient, 1 - transA, 0, b));
  return [request.needs(0) ? gradientA() : undefined, request.needs(1) ? gradientB() : undefined];
};

const gemm: GradientRule = (request) => {
  const { graph, node } = request;
  const [a = '', b = '', c = ''] = node.inputs;
  const transA = intAttribute(node, 'transA', 0);
  const transB = intAttribute(node, 'transB', 0);
  const alpha = { float: floatAttribute(node, 'alpha', 1) };
  const gradient = outputGradient(request);
  const gemmOf = (left: string, right: string, leftT: number, rightT: number): string =>
    graph.op('Gemm', [left, right], { transA: leftT, transB: rightT, alpha });
  const bias = (): string => {
    const sum = unbroadcast(graph, gradient, graph.shape(node.outputs[0] ?? ''), graph.shape(c));
    const beta = floatAttribute(node, 'beta', 1);
    return beta === 1 ? sum : graph.mul(sum, graph.float(beta));
  };
  return [
    request.needs(0) ? (transA ? gemmOf(b, gradient, transB, 1) : gemmOf(gradient, b, 0, 1 - transB)) : undefined,
    request.needs(1) ? (transB ? gemmOf(gradient, a, 1, transA) : gemmOf(a, gradient, 1 - transA, 0)) : undefined,
    inputName(node, 2) !== '' && request.needs(2) ? bias() : undefined,
  ];
};

/** The gradient of an input is an Einsum of the output's gradient and the other inputs. */
const einsum: GradientRule = (request) => {
  const { graph, node } = request;
  const { inputs, output, sizes } = parseEinsum(stringAttribute(node, 'equation', ''), node.inputs.map((name) => graph.shape(name)));
  if (inputs.some((letters) => new Set(letters).size !== letters.length)) throw noRule(request, 'along a diagonal');
  return node.inputs.map((name, index) => {
    if (!request.needs(index)) return undefined;
    const letters = inputs[index] ?? [];
    const others = node.inputs.flatMap((other, at) => (at === index ? [] : [{ name: other, letters: inputs[at] ?? [] }]));
    const terms = [{ name: outputGradient(request), letters: output }, ...others];
    // Letters that only this input has were summed over, so the gradient is the same along them.
    const reached = letters.filter((letter) => terms.some((term) => term.letters.includes(letter)));
    const equation = `${terms.map((term) => term.letters.join('')).join(',')}->${reached.join('')}`;
    const product = graph.op('Einsum', terms.map((term) => term.name), { equation });
    const found = new Map(reached.map((letter, axis) => [letter, graph.shape(product)[axis] ?? 1]));
    const full = letters.map((letter) => Number(sizes.get(letter)));
    const spread = reshaped(graph, product, letters.map((letter) => found.get(letter) ?? 1));
    const isFull = letters.every((letter, axis) => (found.get(letter) ?? 1) === full[axis]);
    return unbroadcast(graph, isFull ? spread : graph.op('Expand', [spread, graph.int(full)]), full, graph.shape(name));
  });
};

/** Gradients of matrix products. */
export const matrixRules: Readonly<Record<string, GradientRule>> = { MatMul: matMul, FusedMatMul: matMul, Gemm: gemm, Einsum: einsum };
