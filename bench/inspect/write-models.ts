import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AlignSquadError, createRandom } from '@align-squad/core';
import { exchangeTokenIds } from '@align-squad/inspector';
import { createTextTokenizer, openPack } from '@align-squad/onnx';
import { GraphBuilder, readModelFile, writeModelFile, type ModelProto, type TensorProto } from '@align-squad/onnx/graph';
import { packDirectory } from '@align-squad/pack-en';
import { buildWideAndDeep, huggingFaceConfig, initialWeights, writePack, type EncoderConfig } from '@align-squad/train';
import type { RooflineShape } from '../roofline.js';

const batch = ['batch_size', 'sequence_length'] as const;

/** The fields of the embedded pack's config.json that its shape is read from. */
interface PackConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly max_position_embeddings: number;
  readonly align_squad: { readonly ngramBuckets: number; readonly experts?: readonly string[] };
}

async function encoderConfig(criteria: readonly string[]): Promise<EncoderConfig> {
  const pack = await openPack(packDirectory);
  const config = (await pack.readJson('config.json')) as PackConfig;
  const tokenizer = await createTextTokenizer(await pack.readJson('tokenizer.json'));
  return {
    vocabularySize: config.vocab_size,
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    attentionHeads: config.num_attention_heads,
    feedForwardWidth: config.intermediate_size,
    maxTokens: config.max_position_embeddings,
    ngramBuckets: config.align_squad.ngramBuckets,
    experts: config.align_squad.experts?.filter((criterion) => criteria.includes(criterion)),
    criteria,
    specialIds: exchangeTokenIds((token) => tokenizer.tokenId(token)),
  };
}

/** Sizes of the embedded pack's encoder, from which its least time follows. */
export async function encoderShape(): Promise<RooflineShape> {
  const { layers, width, feedForwardWidth } = await encoderConfig([]);
  return { layers, width, feedForwardWidth, feedForwardMatrices: 2 };
}

function build(config: EncoderConfig): ModelProto {
  const graph = new GraphBuilder();
  const { logits, sentenceLogits } = buildWideAndDeep(graph, initialWeights(graph, new Map(), createRandom(1)), config, batch);
  return graph.model([logits, sentenceLogits], { [logits]: 'logits', [sentenceLogits]: 'sentence_logits' });
}

const floats = ({ bytes = new Uint8Array() }: TensorProto): Float32Array => new Float32Array(bytes.slice().buffer);

/** The float values of a weight of the embedded pack, of which it holds only int8 for matrices and tables. */
function dequantized(name: string, known: ReadonlyMap<string, TensorProto>): Float32Array | undefined {
  const plain = known.get(name);
  if (plain) return floats(plain);
  const stored = ['', '_row', '_transposed', '_tied'].map((suffix) => [known.get(`${name}${suffix}_int8`), known.get(`${name}${suffix}_scale`)] as const);
  const [values, scales] = stored.find(([found]) => found !== undefined) ?? [];
  if (!values || !scales) return undefined;
  const columns = values.dims[1] ?? 1;
  const scale = floats(scales);
  const isByRow = scales.dims.length === 2;
  return Float32Array.from(new Int8Array(values.bytes?.slice().buffer ?? new ArrayBuffer(0)), (value, index) => value * (scale[isByRow ? Math.floor(index / columns) : index % columns] ?? 0));
}

/**
 * Writes a folder that transformers.js loads: the embedded pack, with its int8 file, and a float32 one of the same
 * weights beside it, which the int8 ones are turned back into.
 */
export async function writePeer(folder: string, criteria: readonly string[]): Promise<void> {
  await cp(fileURLToPath(packDirectory), folder, { recursive: true });
  const int8 = await readModelFile(join(folder, 'onnx/model_quantized.onnx'));
  const known = new Map(int8.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const model = build(await encoderConfig(criteria));
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.type !== 1 || tensor.name.startsWith('constant')) return tensor;
    const values = dequantized(tensor.name, known);
    if (!values) throw new AlignSquadError(`The embedded pack has no weight ${tensor.name}.`, { code: 'model-invalid' });
    return { ...tensor, bytes: new Uint8Array(values.buffer) };
  });
  await writeModelFile(join(folder, 'onnx/model.onnx'), { ...model, graph: { ...model.graph, initializers } });
}

/** Writes a pack of the embedded one's shape with random weights and so many heads. */
export async function writeRandom(folder: string, heads: number): Promise<void> {
  const criteria = Array.from({ length: heads }, (_, index) => `criterion-${index}`);
  const config = await encoderConfig(criteria);
  const pack = await openPack(packDirectory);
  const tokenizer = (await pack.readJson('tokenizer.json')) as object;
  const json = huggingFaceConfig('inspector', { config, tokenizer: await createTextTokenizer(tokenizer) });
  const section = {
    ...pack.manifest.inspector,
    heads: criteria.map((criterion) => ({ criterion, needsContext: false, threshold: 1, calibration: { scale: 1, bias: 0 }, acrossStretches: 'max' })),
  };
  const manifest = { schemaVersion: 1, name: `random-${heads}`, version: '0.0.0', language: 'en', license: 'Apache-2.0', inspector: section } as const;
  await writePack(folder, { manifest, models: { 'onnx/model.onnx': build(config) }, tokenizer, json, fp32: false });
}
