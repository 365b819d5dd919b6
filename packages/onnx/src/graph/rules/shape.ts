import { frontAxis } from '../infer-shape.js';
import { elementCount } from '../model.js';
import { inputName, intAttribute, noRule, outputGradient, unbroadcast, type GradientRule } from './rule.js';

const likeInput: GradientRule = (request) => [
  request.graph.reshape(outputGradient(request), request.graph.shape(inputName(request.node, 0))),
];

const transpose: GradientRule = (request) => {
  const { graph, node } = request;
  const rank = graph.shape(inputName(node, 0)).length;
  const perm = node.attributes['perm'];
  const order = perm?.kind === 'ints' ? perm.value : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = Array.from({ length: rank }, (_, axis) => order.indexOf(axis));
  return [graph.transpose(outputGradient(request), inverse)];
};

const expand: GradientRule = (request) => {
  const { graph, node } = request;
  return [unbroadcast(graph, outputGradient(request), graph.shape(node.outputs[0] ?? ''), graph.shape(inputName(node, 0)))];
};

const concat: GradientRule = (request) => {
  const { graph, node } = request;
  const axis = frontAxis(intAttribute(node, 'axis', 0), graph.shape(node.outputs[0] ?? '').length);
  let start = 0;
  return node.inputs.map((name, index) => {
    const from = start;
    start += graph.shape(name)[axis] ?? 0;
    return request.needs(index) ? graph.slice(outputGradient(request), axis, from, start) : undefined;
  });
};

const split: GradientRule = (request) => {
  const { graph, node } = request;
  const axis = frontAxis(intAttribute(node, 'axis', 0), graph.shape(inputName(node, 0)).length);
  const parts = node.outputs.map((name, index) => request.outputGradients[index] ?? graph.zeros(graph.shape(name)));
  return [graph.op('Concat', parts, { axis })];
};

/** The gradient of a slice is the output's gradient, padded with zeros; steps other than 1 are not supported. */
const slice: GradientRule = (request) => {
  const { graph, node } = request;
  const dims = graph.shape(inputName(node, 0));
  const constants = (index: number): readonly number[] => graph.info(inputName(node, index)).constant ?? [];
  if (inputName(node, 4) !== '' && constants(4).some((step) => step !== 1)) {
    throw noRule(node, 'with steps');
  }
  const before = dims.map(() => 0);
  const after = dims.map(() => 0);
  const axes = inputName(node, 3) === '' ? constants(1).map((_, axis) => axis) : constants(3);
  axes.forEach((axis, index) => {
    const at = frontAxis(axis, dims.length);
    const size = dims[at] ?? 0;
    const place = (value: number): number => Math.min(Math.max(value < 0 ? value + size : value, 0), size);
    before[at] = place(constants(1)[index] ?? 0);
    after[at] = size - place(constants(2)[index] ?? 0);
  });
  return [graph.op('Pad', [outputGradient(request), graph.int([...before, ...after]), graph.float(0)])];
};

/** Rows gathered from a table: their gradients are added back into it. */
const gather: GradientRule = (request) => {
  const { graph, node } = request;
  const [data = '', indices = ''] = node.inputs;
  const dims = graph.shape(data);
  if (frontAxis(intAttribute(node, 'axis', 0), dims.length) !== 0) throw noRule(node, 'on an axis other than 0');
  const rows = elementCount(graph.shape(indices));
  const updates = graph.reshape(outputGradient(request), [rows, ...dims.slice(1)]);
  return [graph.op('ScatterND', [graph.zeros(dims), graph.reshape(indices, [rows, 1]), updates], { reduction: 'add' })];
};

const gatherElements: GradientRule = (request) => {
  const { graph, node } = request;
  const [data = '', indices = ''] = node.inputs;
  const attributes = { axis: intAttribute(node, 'axis', 0), reduction: 'add' };
  return [graph.op('ScatterElements', [graph.zeros(graph.shape(data)), indices, outputGradient(request)], attributes)];
};

const gatherNd: GradientRule = (request) => {
  const { graph, node } = request;
  if (intAttribute(node, 'batch_dims', 0) !== 0) throw noRule(node, 'with batch dimensions');
  const [data = '', indices = ''] = node.inputs;
  return [graph.op('ScatterND', [graph.zeros(graph.shape(data)), indices, outputGradient(request)], { reduction: 'add' })];
};

/** Gradients of operators that move values. */
export const shapeRules: Readonly<Record<string, GradientRule>> = {
  Reshape: likeInput,
  Unsqueeze: likeInput,
  Transpose: transpose,
  Expand: expand,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
};
