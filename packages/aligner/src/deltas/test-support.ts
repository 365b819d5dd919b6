import { createDelta, type Delta, type DeltaBudget, type Pack } from '@align-squad/onnx';
import { dataType, readModel, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import { copyDecoder, copyEncoder, copyEncoderDecoder, type CopyModel } from '../../../onnx/src/decoding/test-support.js';
import { byteIds, createTestPack, type PackContents } from '../designs/test-support.js';
import { byteTokenizerJson } from '../format/test-support.js';

const copy: CopyModel = { vocabularySize: byteIds.size, init: byteIds.marker('init'), aligned: byteIds.marker('aligned'), done: byteIds.marker('done') };

/** A copying model whose map from the token read to the one written is a float table [vocabulary, vocabulary]; `!` becomes `mark`. */
function withTable(bytes: Uint8Array, mark: string): ModelProto {
  const model = readModel(bytes);
  const { graph } = model;
  const size = byteIds.size;
  const table = new Float32Array(size * size);
  for (let id = 0; id < size; id++) {
    const next = id === copy.aligned ? copy.done : id === byteIds.of('!') ? byteIds.of(mark) : id;
    table[id * size + next] = 1;
  }
  const replaced = new Set(['mapped', 'is_next']);
  const nodes = graph.nodes
    .filter(({ outputs: [output = ''] }) => !replaced.has(output))
    .map((node) => (node.outputs[0] === 'flat_logits' ? { ...node, operator: 'Gather', inputs: ['table', 'token'], attributes: {} } : node));
  const initializers = [...graph.initializers, { name: 'table', dims: [size, size], type: dataType.float32, bytes: new Uint8Array(table.buffer) }];
  return { ...model, graph: { ...graph, nodes, initializers } };
}

/** The designs that deltas are added to. */
export type DeltaDesign = 'decoder' | 'encoder-decoder';

/** A pack that copies the response and puts `mark` for each `!`. */
export function markPack(design: DeltaDesign, mark: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Pack> {
  const shared: PackContents = { 'tokenizer.json': byteTokenizerJson(), 'config.json': { num_attention_heads: 1, hidden_size: 1 } };
  const section = { criteria: ['ethical'], tokenizer: 'tokenizer.json', maxTokens: 300, ...changes };
  if (design === 'decoder') {
    return createTestPack({ ...shared, 'onnx/model.onnx': writeModel(withTable(copyDecoder(copy), mark)) }, { design, model: 'onnx/model.onnx', ...section });
  }
  const models = { 'onnx/encoder_model.onnx': copyEncoder(), 'onnx/decoder_model_merged.onnx': writeModel(withTable(copyEncoderDecoder(copy), mark)) };
  return createTestPack({ ...shared, ...models }, { design, encoder: 'onnx/encoder_model.onnx', decoder: 'onnx/decoder_model_merged.onnx', ...section });
}

/** The delta of two packs. */
export async function deltaOf(base: Pack, tuned: Pack, budget: DeltaBudget = { rank: 4 }): Promise<Delta> {
  for await (const event of createDelta({ base, tuned, ...budget })) if (event.type === 'end') return event.delta;
  throw new TypeError('no delta');
}
