import { frontAxis } from '../infer-shape.js';
import { floatAttribute, inputName, intAttribute, outputGradient, unbroadcast, type GradientRule } from './rule.js';

/** y = scale * (x - mean) / std + bias over the last axes (Ba et al. 2016); mean and std are computed again. */
const layerNormalization: GradientRule = (request) => {
  const { graph, node } = request;
  const [x = '', scale = ''] = node.inputs;
  const dims = graph.shape(x);
  const first = frontAxis(intAttribute(node, 'axis', -1), dims.length);
  const axes = dims.flatMap((_, axis) => (axis >= first ? [axis] : []));
  const gradient = outputGradient(request);
  const centred = graph.sub(x, graph.mean(x, axes));
  const variance = graph.mean(graph.mul(centred, centred), axes);
  const epsilon = graph.float(floatAttribute(node, 'epsilon', 1e-5));
  const inverse = graph.op('Reciprocal', [graph.op('Sqrt', [graph.add(variance, epsilon)])]);
  const normal = graph.mul(centred, inverse);
  const inputGradient = (): string => {
    const scaled = graph.mul(gradient, scale);
    const along = graph.mul(normal, graph.mean(graph.mul(scaled, normal), axes));
    return graph.mul(graph.sub(graph.sub(scaled, graph.mean(scaled, axes)), along), inverse);
  };
  return [
    request.needs(0) ? inputGradient() : undefined,
    request.needs(1) ? unbroadcast(graph, graph.mul(gradient, normal), dims, graph.shape(scale)) : undefined,
    inputName(node, 2) !== '' && request.needs(2) ? unbroadcast(graph, gradient, dims, graph.shape(inputName(node, 2))) : undefined,
  ];
};

const softmax: GradientRule = (request) => {
  const { graph, node } = request;
  const y = node.outputs[0] ?? '';
  const axis = frontAxis(intAttribute(node, 'axis', -1), graph.shape(y).length);
  const weighted = graph.mul(outputGradient(request), y);
  return [graph.sub(weighted, graph.mul(y, graph.sum(weighted, [axis])))];
};

const logSoftmax: GradientRule = (request) => {
  const { graph, node } = request;
  const y = node.outputs[0] ?? '';
  const axis = frontAxis(intAttribute(node, 'axis', -1), graph.shape(y).length);
  const gradient = outputGradient(request);
  return [graph.sub(gradient, graph.mul(graph.op('Exp', [y]), graph.sum(gradient, [axis])))];
};

/** Gradients of normalisations. */
export const normalizationRules: Readonly<Record<string, GradientRule>> = {
  LayerNormalization: layerNormalization,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
