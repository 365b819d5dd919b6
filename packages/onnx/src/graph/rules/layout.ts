import { intAttribute, intsAttribute, stringAttribute } from '../attributes.js';
import { sliceRange } from '../shapes/layout-shapes.js';
import { frontAxis } from '../shapes/shape-rule.js';
import { addAlongAxis } from './add-along-axis.js';
import { constantInput, inputName, noRule, outputGradient, reshaped, unbroadcast, type GradientRule } from './rule.js';

const likeInput: GradientRule = (request) => [
  reshaped(request.graph, outputGradient(request), request.graph.shape(inputName(request.node, 0))),
];

const transpose: GradientRule = (request) => {
  const { graph, node } = request;
  const rank = graph.shape(inputName(node, 0)).length;
  const order = intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const inverse = Array.from({ length: rank }, (_, axis) => order.indexOf(axis));
  return [graph.transpose(outputGradient(request), inverse)];
};

const expand: GradientRule = (request) => {
  const { graph, node } = request;
  return [unbroadcast(graph, outputGradient(request), graph.shape(node.outputs[0] ?? ''), graph.shape(inputName(node, 0)))];
};

/** Each axis of size n that is repeated r times is seen as two, [r, n], and summed over the first. */
const tile: GradientRule = (request) => {
  const { graph, node } = request;
  const dims = graph.shape(inputName(node, 0));
  const repeats = constantInput(request, 1) ?? [];
  const pairs = dims.flatMap((size, axis) => [repeats[axis] ?? 1, size]);
  const parts = graph.reshape(outputGradient(request), pairs);
  return [graph.reshape(graph.sum(parts, dims.map((_, axis) => 2 * axis)), dims)];
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

/** The gradient of a slice is the output's gradient, padded with zeros; with steps it is spread out first. */
const slice: GradientRule = (request) => {
  const { graph, node } = request;
  const dims = graph.shape(inputName(node, 0));
  const starts = constantInput(request, 1) ?? [];
  const ends = constantInput(request, 2) ?? [];
  const axes = constantInput(request, 3) ?? starts.map((_, axis) => axis);
  const steps = constantInput(request, 4) ?? [];
  const before = dims.map(() => 0);
  const after = dims.map(() => 0);
  let gradient = outputGradient(request);
  axes.forEach((axis, index) => {
    const at = frontAxis(axis, dims.length);
    const size = dims[at] ?? 0;
    const step = steps[index] ?? 1;
    const { start, end, count } = sliceRange(size, starts[index] ?? 0, ends[index] ?? 0, step);
    if (step === 1) [before[at], after[at]] = [start, size - end];
    else gradient = addAlongAxis(graph, gradient, graph.int(Array.from({ length: count }, (_, place) => start + place * step)), at, size);
  });
  const isWhole = [...before, ...after].every((size) => size === 0);
  return [isWhole ? gradient : graph.op('Pad', [gradient, graph.int([...before, ...after]), graph.float(0)])];
};

/** The gradient of a padded value is the part of the output's gradient that is not padding. */
const pad: GradientRule = (request) => {
  const { graph, node } = request;
  const dims = graph.shape(inputName(node, 0));
  const pads = constantInput(request, 1) ?? [];
  const axes = (constantInput(request, 3) ?? dims.map((_, axis) => axis)).map((axis) => frontAxis(axis, dims.length));
  const mode = stringAttribute(node, 'mode', 'constant');
  if (mode !== 'constant') throw noRule(request, `in mode ${mode}`);
  if (pads.some((size) => size < 0)) throw noRule(request, 'by negative sizes');
  if (request.needs(2)) throw noRule(request, 'for its padding');
  const ends = axes.map((axis, index) => (pads[index] ?? 0) + (dims[axis] ?? 0));
  return [graph.op('Slice', [outputGradient(request), graph.int(pads.slice(0, axes.length)), graph.int(ends), graph.int(axes)])];
};

/** Gradients of operators that move values. */
export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Reshape: likeInput,
  Flatten: likeInput,
  Squeeze: likeInput,
  Unsqueeze: likeInput,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
};
