import { floatAttribute, intAttribute, stringAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { elementCount } from '../model.js';
import { frontAxis } from '../shapes/shape-rule.js';
import { outputGradient, unbroadcast, type GradientRule, type RuleRequest } from './rule.js';

/**
 * y = scale * normal + bias with normal = (x - mean) / deviation over the last axes (Ba et al. 2016), or without the mean
 * (Zhang and Sennrich 2019); the forward node gives the statistics.
 */
const normalization = (isCentred: boolean): GradientRule => (request: RuleRequest) => {
  const { graph, node } = request;
  const [x = '', scale = '', bias = ''] = node.inputs;
  const gradient = outputGradient(request);
  const dims = graph.shape(x);
  const first = frontAxis(intAttribute(node, 'axis', -1), dims.length);
  const axes = dims.flatMap((_, axis) => (axis >= first ? [axis] : []));
  const [, ...statistics] = graph.allOutputs(node, isCentred ? 3 : 2);
  const [inverse = '', mean = ''] = statistics.reverse();
  const normal = graph.mul(isCentred ? graph.sub(x, mean) : x, inverse);
  const inputGradient = (): string => {
    const scaled = graph.mul(gradient, scale);
    const along = graph.mul(normal, graph.mean(graph.mul(scaled, normal), axes));
    const centred = isCentred ? graph.sub(scaled, graph.mean(scaled, axes)) : scaled;
    return graph.mul(graph.sub(centred, along), inverse);
  };
  return [
    request.needs(0) ? inputGradient() : undefined,
    request.needs(1) ? unbroadcast(graph, graph.mul(gradient, normal), dims, graph.shape(scale)) : undefined,
    bias !== '' && request.needs(2) ? unbroadcast(graph, gradient, dims, graph.shape(bias)) : undefined,
  ];
};

/**
 * sum(y * gradient) over the last axis where y weighs rows, as attention does: with m = y v and gradient = dm v^T it is
 * sum(dm * m), which is smaller (Dao et al. 2022).
 */
function totalByMixture(graph: GraphBuilder, y: string, gradient: string): string | undefined {
  const product = graph.producer(gradient);
  if (product?.operator !== 'FusedMatMul' || intAttribute(product, 'transA', 0) === 1 || intAttribute(product, 'transB', 0) === 0) return undefined;
  const [mixedGradient = '', value = ''] = product.inputs;
  const mixture = graph.nodes.find(({ operator, inputs: [weights, rows] }) => operator === 'MatMul' && weights === y && rows === value);
  const [mixed = ''] = mixture?.outputs ?? [];
  const isSmaller = mixed !== '' && elementCount(graph.shape(mixed)) < elementCount(graph.shape(y));
  return isSmaller && floatAttribute(product, 'alpha', 1) === 1 ? graph.sum(graph.mul(mixedGradient, mixed), [-1]) : undefined;
}

const softmax: GradientRule = (request) => {
  const { graph, node } = request;
  const y = node.outputs[0] ?? '';
  const gradient = outputGradient(request);
  const rank = graph.shape(y).length;
  const axis = frontAxis(intAttribute(node, 'axis', -1), rank);
  const total = axis === rank - 1 ? totalByMixture(graph, y, gradient) : undefined;
  if (total !== undefined) return [graph.mul(graph.sub(gradient, total), y)];
  const weighted = graph.mul(gradient, y);
  return [graph.sub(weighted, graph.mul(y, graph.sum(weighted, [axis])))];
};

/** The indices and updates of a gradient that is zero but for picked places along the axis, as that of a cross-entropy is. */
function pickedPlaces(graph: GraphBuilder, gradient: string, axis: number): { indices: string; updates: string } | undefined {
  const node = graph.producer(gradient);
  if (node?.operator !== 'ScatterElements' || stringAttribute(node, 'reduction', 'none') !== 'add') return undefined;
  const [data = '', indices = '', updates = ''] = node.inputs;
  const fill = graph.producer(data);
  const isZero = fill?.operator === 'Expand' && graph.info(fill.inputs[0] ?? '').constant?.[0] === 0;
  const isAlongAxis = frontAxis(intAttribute(node, 'axis', 0), graph.shape(gradient).length) === axis;
  return isZero && isAlongAxis ? { indices, updates } : undefined;
}

const logSoftmax: GradientRule = (request) => {
  const { graph, node } = request;
  const y = node.outputs[0] ?? '';
  const axis = frontAxis(intAttribute(node, 'axis', -1), graph.shape(y).length);
  const gradient = outputGradient(request);
  const spread = (total: string): string => graph.mul(graph.op('Exp', [y]), total);
  const picked = pickedPlaces(graph, gradient, axis);
  if (!picked || graph.shape(picked.updates).some((size, at) => at !== axis && size !== graph.shape(y)[at])) {
    return [graph.sub(gradient, spread(graph.sum(gradient, [axis])))];
  }
  // The scattered zeros are not read any more, so the runtime leaves them out.
  const { indices, updates } = picked;
  const data = spread(graph.neg(graph.sum(updates, [axis])));
  return [graph.op('ScatterElements', [data, indices, updates], { axis, reduction: 'add' })];
};

/** Gradients of normalisations. */
export const normalizationRules: Readonly<Record<string, GradientRule>> = {
  LayerNormalization: normalization(true),
  SimplifiedLayerNormalization: normalization(false),
  Softmax: softmax,
  LogSoftmax: logSoftmax,
};
