import { intAttribute } from '../attributes.js';
import { broadcastDims, constantOf, dimsOf, frontAxis, reducedAxes, sharedRule, type ShapeRule } from './shape-rule.js';

const same: ShapeRule = (request) => [dimsOf(request, 0)];

const broadcast: ShapeRule = (request) => [
  request.inputs.map((_, index) => dimsOf(request, index)).reduce((dims, next) => broadcastDims(dims, next)),
];

const reduce: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const given = request.inputs[1] ? constantOf(request, 1) : undefined;
  const axes = reducedAxes(given, dims.length, intAttribute(request, 'noop_with_empty_axes', 0) === 1);
  if (intAttribute(request, 'keepdims', 1) === 1) return [dims.map((size, axis) => (axes.includes(axis) ? 1 : size))];
  return [dims.filter((_, axis) => !axes.includes(axis))];
};

/** Of the largest or smallest element along one axis. */
const argument: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const at = frontAxis(intAttribute(request, 'axis', 0), dims.length);
  if (intAttribute(request, 'keepdims', 1) === 1) return [dims.map((size, axis) => (axis === at ? 1 : size))];
  return [dims.filter((_, axis) => axis !== at)];
};

/** Mean and inverse deviation, which follow the first output, keep the normalised axes with size 1. */
const normalization: ShapeRule = (request) => {
  const dims = dimsOf(request, 0);
  const first = frontAxis(intAttribute(request, 'axis', -1), dims.length);
  return [dims, dims.map((size, axis) => (axis < first ? size : 1))];
};

/** Shapes of operators that keep the shape of their input, broadcast their inputs, or reduce axes. */
export const elementwiseShapes: Readonly<Record<string, ShapeRule>> = {
  ...sharedRule('Abs Neg Sign Exp Log Sqrt Reciprocal Sin Cos Tan Round Floor Ceil Clip Identity Cast CastLike', same),
  ...sharedRule('Relu Tanh Sigmoid Softplus Erf Gelu QuickGelu HardSigmoid HardSwish Elu LeakyRelu Mish', same),
  ...sharedRule('Not BitwiseNot IsNaN IsInf Softmax LogSoftmax CumSum Trilu Dropout RotaryEmbedding', same),
  ...sharedRule('Add Sub Mul Div Pow Mod Min Max Sum Mean Where PRelu', broadcast),
  ...sharedRule('Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor BitwiseAnd BitwiseOr BitwiseXor', broadcast),
  ...sharedRule('ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSumExp', reduce),
  ...sharedRule('ArgMax ArgMin', argument),
  ...sharedRule('LayerNormalization SimplifiedLayerNormalization', normalization),
};
