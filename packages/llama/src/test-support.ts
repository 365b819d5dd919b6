import { createRandom } from '@align-squad/core';

type MetadataValue = string | number | boolean | readonly string[] | { readonly int32s: readonly number[] };

interface GgufTensor {
  readonly name: string;
  /** Innermost first. */
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** A GGUF file, version 3, of float32 tensors (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Whole numbers are uint32, others float32. */
export function writeGguf(metadata: Readonly<Record<string, MetadataValue>>, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(metadata);
  const head: Buffer[] = [Buffer.from('GGUF'), uint32(3), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), ...metadataValue(value));
  let offset = 0;
  for (const { name, dims, values } of tensors) {
    head.push(text(name), uint32(dims.length), ...dims.map(uint64), uint32(0), uint64(offset));
    offset += padded(values.byteLength);
  }
  return Buffer.concat([aligned(Buffer.concat(head)), ...tensors.map(({ values }) => aligned(Buffer.from(values.buffer, values.byteOffset, values.byteLength)))]);
}

function metadataValue(value: MetadataValue): Buffer[] {
  if (typeof value === 'string') return [uint32(8), text(value)];
  if (typeof value === 'boolean') return [uint32(7), Buffer.from([value ? 1 : 0])];
  if (typeof value === 'number') return Number.isInteger(value) ? [uint32(4), uint32(value)] : [uint32(6), float32(value)];
  if ('int32s' in value) return [uint32(9), uint32(5), uint64(value.int32s.length), ...value.int32s.map(uint32)];
  return [uint32(9), uint32(8), uint64(value.length), ...value.map(text)];
}

const padded = (length: number): number => Math.ceil(length / 32) * 32;
const aligned = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

/** Special tokens of the tiny models, after one token a byte. */
export const specialTokens: readonly string[] = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
export const vocabularySize: number = 256 + specialTokens.length;
/** The ChatML template. */
export const chatTemplate: string =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** Token `byte` is that byte, as GPT-2 spells it. */
function byteTokens(): string[] {
  const isPlain = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPlain(byte) ? byte : next++));
}

/** Shape and weights of a tiny model. */
export interface TinyModelOptions {
  readonly width?: number | undefined;
  readonly layers?: number | undefined;
  readonly chatTemplate?: string | undefined;
  /** One weight of a block, by a function without arguments. @default 0 */
  readonly weight?: (() => number) | undefined;
  /** Embedding of a token and its row of the head, at a place [width]. */
  readonly embedding: (token: number, place: number) => number;
  readonly head: (token: number, place: number) => number;
}

/** A decoder of the architecture `llama` over bytes, its weights in float32. */
export function tinyModel({ width = 32, layers = 2, chatTemplate: template, weight = () => 0, embedding, head }: TinyModelOptions): Buffer {
  const hidden = width * 2;
  const table = (name: string, at: (token: number, place: number) => number): GgufTensor => ({
    name,
    dims: [width, vocabularySize],
    values: Float32Array.from({ length: width * vocabularySize }, (_, index) => at(Math.floor(index / width), index % width)),
  });
  const matrix = (name: string, inputs: number, outputs: number): GgufTensor => ({ name, dims: [inputs, outputs], values: Float32Array.from({ length: inputs * outputs }, weight) });
  const norm = (name: string): GgufTensor => ({ name, dims: [width], values: new Float32Array(width).fill(1) });
  const blocks = Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
    norm(`${block}.attn_norm.weight`),
    ...['q', 'k', 'v', 'output'].map((name) => matrix(`${block}.attn_${name}.weight`, width, width)),
    norm(`${block}.ffn_norm.weight`),
    ...['gate', 'up'].map((name) => matrix(`${block}.ffn_${name}.weight`, width, hidden)),
    matrix(`${block}.ffn_down.weight`, hidden, width),
  ]);
  const metadata = {
    'general.architecture': 'llama',
    'llama.context_length': 16384,
    'llama.embedding_length': width,
    'llama.block_count': layers,
    'llama.feed_forward_length': hidden,
    'llama.attention.head_count': 1,
    'llama.attention.head_count_kv': 1,
    'llama.attention.layer_norm_rms_epsilon': 1.1e-5,
    'llama.rope.dimension_count': width,
    'llama.vocab_size': vocabularySize,
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': [...byteTokens(), ...specialTokens],
    'tokenizer.ggml.token_type': { int32s: Array.from({ length: vocabularySize }, (_, token) => (token < 256 ? 1 : 3)) },
    // Of bytes that no text has, as llama.cpp wants some.
    'tokenizer.ggml.merges': ['\u00f5 \u00f6'],
    'tokenizer.ggml.bos_token_id': 256,
    'tokenizer.ggml.eos_token_id': 258,
    'tokenizer.ggml.add_bos_token': false,
    ...(template !== undefined && { 'tokenizer.chat_template': template }),
  };
  return writeGguf(metadata, [table('token_embd.weight', embedding), ...blocks, norm('output_norm.weight'), table('output.weight', head)]);
}

/** A model of random weights that writes printable ASCII without end. */
export function randomModel(seed: number, template?: string): Buffer {
  const random = createRandom(seed);
  const isPrintable = (token: number): boolean => token >= 32 && token < 127;
  return tinyModel({
    chatTemplate: template,
    weight: () => random.normal() * 0.3,
    embedding: () => random.normal(),
    head: (token) => (isPrintable(token) ? random.normal() : 0),
  });
}

/** A model without memory that writes what `told` has after a character, and ends after its last; its logits are 5 or 0. */
export function tellingModel(told: string, first: number, template?: string): Buffer {
  const bytes = [first, ...Buffer.from(told), 258];
  const width = 320;
  // A one-hot vector of this width is this long once it is normalised.
  const length = 1 / Math.sqrt(1 / width + 1.1e-5);
  return tinyModel({
    width,
    layers: 1,
    chatTemplate: template,
    embedding: (token, place) => (token === place ? 1 : 0),
    head: (token, place) => (bytes.some((byte, index) => byte === token && index > 0 && bytes[index - 1] === place) ? 5 / length : 0),
  });
}
