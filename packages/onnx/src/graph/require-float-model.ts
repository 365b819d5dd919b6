import { AlignSquadError } from '@align-squad/core';
import { listConstants } from './graph-constants.js';
import { dataType, type GraphProto, type ModelProto } from './model.js';

// MatMulInteger, QLinearMatMul, DequantizeLinear, DynamicQuantizeLSTM, MatMulNBits, GatherBlockQuantized, QAttention ...
const quantisedOperator = /Integer|^QLinear|[Qq]uantizeLinear$|^DynamicQuantize|^MatMul(NBits|Bnb4|FpQ4)|BlockQuantized|^Q(Attention|Gemm|MoE|EmbedLayerNormalization|OrderedMatMul)/;

const smallFloats: ReadonlyMap<number, string> = new Map([
  [dataType.float16, 'float16'],
  [dataType.bfloat16, 'bfloat16'],
]);

/**
 * Refuses a model whose weights are not plain float32, which can't be trained.
 * @throws AlignSquadError `model-invalid` for a quantised, float16 or bfloat16 model.
 */
export function requireFloatModel(model: ModelProto): void {
  const operator = quantisedIn(model.graph);
  if (operator !== undefined) throw notFloat(`is quantised (it has ${operator})`);
  const types = [...model.graph.inputs.map(({ type }) => type), ...listConstants(model.graph).map(({ tensor }) => tensor.type)];
  const small = types.map((type) => smallFloats.get(type)).find((name) => name !== undefined);
  if (small !== undefined) throw notFloat(`has weights in ${small}`);
}

function quantisedIn(graph: GraphProto): string | undefined {
  for (const { operator, attributes } of graph.nodes) {
    if (quantisedOperator.test(operator)) return operator;
    for (const attribute of Object.values(attributes)) {
      const inner = attribute.kind === 'graph' ? quantisedIn(attribute.value) : undefined;
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function notFloat(problem: string): AlignSquadError {
  return new AlignSquadError(`The model ${problem}, and only float32 can be trained: use its float32 file, most often onnx/model.onnx.`, {
    code: 'model-invalid',
  });
}
