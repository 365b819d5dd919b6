import { floatsOf } from '../graph/float-data.js';
import { GraphBuilder } from '../graph/builder.js';
import { dataType, type ModelProto } from '../graph/model.js';
import { numbersOf, spreadNumbers } from '../graph/test-support.js';
import { bytesOf } from '../graph/wire.js';
import { writeModel } from '../graph/write-model.js';
import { createSession, type OnnxSession } from '../session/session.js';
import { int64 } from '../session/tensor.js';
import { createModelDelta } from './create-model-delta.js';
import type { ModelDelta, RankGroup } from './delta.js';

/** The rank of everything in `smallModel`, in 8 bits. */
export const everything: readonly RankGroup[] = [{ rank: 64, bits: 8 }];

/**
 * ids [batch, sequence] to logits [batch, sequence, 100]: a tied embedding, a MatMul, a Gemm with a turned weight, a MatMul
 * that shares its weight with another reader, and a vector.
 */
export function smallModel(): ModelProto {
  const graph = new GraphBuilder();
  const width = 12;
  const ids = graph.input('input_ids', dataType.int64, ['batch', 'sequence']);
  const embedding = graph.initializer('embedding', [100, width], spreadNumbers(100 * width));
  const looked = graph.op('Mul', [graph.op('Gather', [embedding, ids]), graph.initializer('norm', [width], spreadNumbers(width, 0.5, 1.5))]);
  const hidden = graph.op('Tanh', [graph.op('MatMul', [looked, graph.initializer('first', [width, 20], spreadNumbers(width * 20, -1, 1, 1))])]);
  const flat = graph.reshape(hidden, [-1, 20]);
  const gemm = graph.op('Gemm', [flat, graph.initializer('second', [width, 20], spreadNumbers(width * 20, -1, 1, 2)), graph.initializer('bias', [width], spreadNumbers(width))], { transB: 1 });
  const shared = graph.initializer('shared', [width, width], spreadNumbers(width * width, -0.5, 0.5, 3));
  const mixed = graph.op('Add', [graph.op('MatMul', [gemm, shared]), graph.op('ReduceMax', [shared, graph.int([0])], { keepdims: 1 })]);
  const logits = graph.op('MatMul', [mixed, graph.transpose(embedding, [1, 0])]);
  return graph.model([logits], { [logits]: 'logits' });
}

/** The model with every float weight, or those of these names, moved a little, otherwise for each seed. */
export function tuned(model: ModelProto, seed: number, names?: readonly string[]): ModelProto {
  const initializers = model.graph.initializers.map((tensor, index) => {
    if (tensor.type !== dataType.float32 || (names && !names.includes(tensor.name))) return tensor;
    const noise = spreadNumbers(floatsOf(tensor).length, -0.3, 0.3, 50 * seed + index);
    return { ...tensor, bytes: bytesOf(floatsOf(tensor).map((value, at) => value + (noise[at] ?? 0))) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

/** The delta between two models. */
export async function deltaOf(base: ModelProto, fineTune: ModelProto, groups: readonly RankGroup[] = everything, file = 'onnx/model.onnx'): Promise<ModelDelta> {
  for await (const event of createModelDelta(base, fineTune, { file, groups })) if (event.type === 'model-end') return event.delta;
  throw new TypeError('no delta');
}

/** What a session makes of some ids. */
export async function logitsOf(session: OnnxSession): Promise<number[]> {
  return numbersOf((await session.run({ input_ids: int64([3, 17, 99, 0, 8, 21], [2, 3]) }))['logits']);
}

/** What a model makes of some ids. */
export async function runModel(model: ModelProto): Promise<number[]> {
  await using session = await createSession(writeModel(model));
  return logitsOf(session);
}
