import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.js';
import { dataType, type Attribute, type GraphProto, type ModelProto } from './model.js';
import { quantizeModel } from './quantize.js';
import { readModel } from './read-model.js';
import { requireFloatModel } from './require-float-model.js';
import { spreadNumbers } from './test-support.js';

function product(): ModelProto {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, ['batch', 16]);
  return graph.model([graph.op('MatMul', [x, graph.initializer('weight', [16, 8], spreadNumbers(128))])]);
}

/** The product with another operator, in a branch of an `If` where `isNested`. */
function withOperator(operator: string, isNested = false): ModelProto {
  const model = product();
  const nodes = model.graph.nodes.map((node) => ({ ...node, operator }));
  const inner: GraphProto = { ...model.graph, nodes };
  if (!isNested) return { ...model, graph: inner };
  const branch: Attribute = { kind: 'graph', value: inner };
  const choice = { operator: 'If', domain: '', name: 'choice', inputs: ['x'], outputs: ['y'], attributes: { then_branch: branch } };
  return { ...model, graph: { ...model.graph, nodes: [choice] } };
}

const refusal = (...parts: string[]): unknown =>
  expect.objectContaining({ code: 'model-invalid', message: expect.stringMatching(parts.map((part) => `(?=.*${part})`).join('')) as string });

describe('a model that can be trained', () => {
  test('passes when its constants are float32 and its indices int64', async () => {
    requireFloatModel(product());
    requireFloatModel(readModel(await readFile(new URL('../../fixtures/gradients/autograd/bert-dyn.onnx', import.meta.url))));
  });
});

describe('a model that can not', () => {
  test.each(['MatMulInteger', 'DynamicQuantizeLinear', 'QLinearMatMul', 'DequantizeLinear', 'MatMulNBits', 'GatherBlockQuantized', 'QAttention'])(
    'is refused for its operator %s',
    (operator) => {
      expect(() => requireFloatModel(withOperator(operator))).toThrow(refusal(operator, 'float32', 'onnx/model\\.onnx'));
      expect(() => requireFloatModel(withOperator(operator, true))).toThrow(refusal(operator));
    },
  );

  test('is refused after our own quantisation', () => {
    expect(() => requireFloatModel(quantizeModel(product(), { minValues: 64 }))).toThrow(refusal('quantised', 'onnx/model\\.onnx'));
  });

  test.each([
    ['float16', dataType.float16],
    ['bfloat16', dataType.bfloat16],
  ])('is refused for weights in %s', (name, type) => {
    const model = product();
    const initializers = model.graph.initializers.map((tensor) => ({ ...tensor, type }));
    expect(() => requireFloatModel({ ...model, graph: { ...model.graph, initializers } })).toThrow(refusal(name, 'onnx/model\\.onnx'));
  });
});
