import { createRandom } from '@align-squad/core';
import { dataType, elementCount, type ModelProto, type NodeProto, type TensorProto } from '@align-squad/onnx/graph';
import { alignerTokenNames, buildLlamaDecoder, huggingFaceConfig, writePack, type TransformerShape } from '@align-squad/train';
import { alignerTokens } from '@align-squad/aligner';
import type { PlannedTexts } from './plan-texts.js';

/** A decoder of the shape of a small aligner, 17 M parameters. */
export const shape: TransformerShape = { vocabularySize: 16_384, width: 384, layers: 6, attentionHeads: 6, feedForwardWidth: 1024, maxTokens: 512 };

const specialTokens = Object.values(alignerTokens);
/** Ids of the words `w0`, `w1` and so on, to before the last. */
export const words: readonly [number, number] = [specialTokens.length, shape.vocabularySize];

/** The text of words. */
export function textOf(ids: readonly number[]): string {
  return ids.map((id) => `w${id - words[0]}`).join(' ');
}

// Far more than the hidden state is, so that the planned token is the likeliest.
const strength = 1000;

/**
 * Makes a decoder with random weights continue one prompt as planned: where its output layer reads, a row that points to the next
 * planned token is added by position, so that every engine that runs the graph decodes the same tokens at the cost of a look-up.
 */
export function withPlan(model: ModelProto, { prompt, target }: PlannedTexts): ModelProto {
  const { graph } = model;
  const embedding = graph.initializers.find(({ name }) => name === 'model.embed_tokens.weight');
  const rows = new Float32Array(embedding?.bytes?.slice().buffer ?? new ArrayBuffer(0));
  const table = new Float32Array(shape.maxTokens * shape.width);
  target.forEach((id, index) => {
    const row = rows.subarray(id * shape.width, (id + 1) * shape.width).map((value) => value * strength);
    table.set(row, (prompt.length - 1 + index) * shape.width);
  });
  const plan: TensorProto = { name: 'plan', dims: [shape.maxTokens, shape.width], type: dataType.float32, bytes: new Uint8Array(table.buffer) };
  const node = (operator: string, inputs: readonly string[], output: string): NodeProto => ({ operator, domain: '', name: output, inputs, outputs: [output], attributes: {} });
  const nodes = graph.nodes.flatMap((each): NodeProto[] => {
    if (!each.outputs.includes('logits')) return [each];
    const [hidden = '', weight = ''] = each.inputs;
    return [node('Gather', ['plan', 'position_ids'], 'planned'), node('Add', [hidden, 'planned'], 'planned_hidden'), { ...each, inputs: ['planned_hidden', weight] }];
  });
  return { ...model, graph: { ...graph, nodes, initializers: [...graph.initializers, plan] } };
}

/** Writes the decoder in float32 and int8 as a folder that transformers.js loads, with a tokenizer of one token a word; returns the number of its weights. */
export async function writePlanned(folder: string, texts: PlannedTexts): Promise<number> {
  const plain = buildLlamaDecoder(shape, createRandom(1));
  const tokenizer = { tokenId: (token: string) => (specialTokens.includes(token as never) ? specialTokens.indexOf(token as never) : undefined), specialTokens };
  await writePack(folder, {
    manifest: { schemaVersion: 1, name: 'planned', version: '0.0.0', language: 'en', license: 'Apache-2.0' },
    models: { 'onnx/model.onnx': withPlan(plain, texts) },
    tokenizer: wordTokenizer(),
    json: huggingFaceConfig('decoder', { shape, tokenizer, tokens: alignerTokenNames }),
  });
  return plain.graph.initializers.reduce((sum, { type, dims }) => sum + (type === dataType.float32 ? elementCount(dims) : 0), 0);
}

function wordTokenizer(): object {
  const names = [...specialTokens, ...Array.from({ length: words[1] - words[0] }, (_, index) => `w${index}`)];
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0', truncation: null, padding: null, normalizer: null, post_processor: null,
    added_tokens: specialTokens.map((content, id) => ({ id, content, ...special })),
    pre_tokenizer: { type: 'Whitespace' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
    model: {
      type: 'WordPiece', unk_token: alignerTokens.unknown, continuing_subword_prefix: '##', max_input_chars_per_word: 100,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
    },
  };
}
