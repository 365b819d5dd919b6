import { AlignSquadError } from '@align-squad/core';
import { dataType, type ModelProto } from './model.js';

const quantizedOperator = /^(QLinear|DynamicQuantize|DequantizeLinear|MatMulInteger|ConvInteger|MatMulNBits|GatherBlockQuantized|QMoE|QAttention|QGemm)/;

/**
 * Refuses a graph whose weights can't be trained.
 * @throws AlignSquadError `model-invalid` for a quantised or half-precision graph, saying what to use instead.
 */
export function requireFloatModel({ graph }: ModelProto): void {
  const quantized = graph.nodes.find(({ operator }) => quantizedOperator.test(operator));
  const isHalf = graph.initializers.some(({ type, dims }) => dims.length > 1 && (type === dataType.float16 || type === dataType.bfloat16));
  if (quantized === undefined && !isHalf) return;
  const what = quantized === undefined ? 'in half precision' : `quantised (it holds ${quantized.operator})`;
  throw new AlignSquadError(`The base graph is ${what}, and its weights can't be trained: use its float32 file, usually onnx/model.onnx, or the method \`head\`.`, {
    code: 'model-invalid',
  });
}
