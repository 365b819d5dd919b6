import { intAttribute, stringAttribute } from '../attributes.js';
import type { GraphBuilder } from '../builder.js';
import { frontAxis } from '../shapes/shape-rule.js';
import { addAlongAxis } from './add-along-axis.js';
import { noRule, outputGradient, reshaped, type GradientRule, type RuleRequest } from './rule.js';

/** What was gathered is added back; a single place that is known is padded instead. */
const gather: GradientRule = (request) => {
  const { graph, node } = request;
  const [data = '', indices = ''] = node.inputs;
  const dims = graph.shape(data);
  const axis = frontAxis(intAttribute(node, 'axis', 0), dims.length);
  const size = dims[axis] ?? 1;
  const places = graph.info(indices).constant;
  const gradient = outputGradient(request);
  if (places?.length !== 1) return [addAlongAxis(graph, gradient, indices, axis, size)];
  const place = frontAxis(places[0] ?? 0, size);
  const before = dims.map((_, at) => (at === axis ? place : 0));
  const after = dims.map((_, at) => (at === axis ? size - 1 - place : 0));
  const single = reshaped(graph, gradient, dims.map((length, at) => (at === axis ? 1 : length)));
  return [graph.op('Pad', [single, graph.int([...before, ...after]), graph.float(0)])];
};

const gatherElements: GradientRule = (request) => {
  const { graph, node } = request;
  const [data = '', indices = ''] = node.inputs;
  const attributes = { axis: intAttribute(node, 'axis', 0), reduction: 'add' };
  return [graph.op('ScatterElements', [graph.zeros(graph.shape(data)), indices, outputGradient(request)], attributes)];
};

/** ScatterND knows no batch axes, so their places become part of the indices. */
function withBatchPlaces(graph: GraphBuilder, indices: string, batchAxes: number): string {
  const dims = graph.shape(indices).slice(0, -1);
  const places = dims.slice(0, batchAxes).map((size, axis) => {
    const along = graph.reshape(graph.int(Array.from({ length: size }, (_, place) => place)), [...dims.map((_, at) => (at === axis ? size : 1)), 1]);
    return graph.op('Expand', [along, graph.int([...dims, 1])]);
  });
  return places.length === 0 ? indices : graph.op('Concat', [...places, indices], { axis: -1 });
}

const gatherNd: GradientRule = (request) => {
  const { graph, node } = request;
  const [data = '', indices = ''] = node.inputs;
  const places = withBatchPlaces(graph, indices, intAttribute(node, 'batch_dims', 0));
  return [graph.op('ScatterND', [graph.zeros(graph.shape(data)), places, outputGradient(request)], { reduction: 'add' })];
};

function requirePlainReduction(request: RuleRequest): string {
  const reduction = stringAttribute(request.node, 'reduction', 'none');
  if (reduction !== 'none' && reduction !== 'add') throw noRule(request, `with reduction ${reduction}`);
  return reduction;
}

/** Updates read their gradient where they were written; data has none where it was overwritten. */
const scatterNd: GradientRule = (request) => {
  const { graph, node } = request;
  const [, indices = '', updates = ''] = node.inputs;
  const reduction = requirePlainReduction(request);
  const gradient = outputGradient(request);
  const outside = (): string =>
    reduction === 'add' ? gradient : graph.op('ScatterND', [gradient, indices, graph.zeros(graph.shape(updates))]);
  return [request.needs(0) ? outside() : undefined, undefined, request.needs(2) ? graph.op('GatherND', [gradient, indices]) : undefined];
};

const scatterElements: GradientRule = (request) => {
  const { graph, node } = request;
  const [, indices = '', updates = ''] = node.inputs;
  const reduction = requirePlainReduction(request);
  const axis = intAttribute(node, 'axis', 0);
  const gradient = outputGradient(request);
  const outside = (): string =>
    reduction === 'add' ? gradient : graph.op('ScatterElements', [gradient, indices, graph.zeros(graph.shape(updates))], { axis });
  return [request.needs(0) ? outside() : undefined, undefined, request.needs(2) ? graph.op('GatherElements', [gradient, indices], { axis }) : undefined];
};

/** Gradients of operators that read or write places by index. */
export const indexingRules: Readonly<Record<string, GradientRule>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterND: scatterNd,
  ScatterElements: scatterElements,
};
