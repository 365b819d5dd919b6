import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, createTextTokenizer, int64, openPack, writePackManifest, type OnnxSession, type Pack, type TextTokenizer } from '@align-squad/onnx';
import { tinyCriteria, tinyEmbedder, tinyInspector, tinyWidth } from './tiny-models.js';
import { tinyTokenizerJson } from './tiny-vocabulary.js';

/** Files of the tiny pack. */
export const tinyFiles = {
  inspector: 'onnx/model.onnx',
  embedder: 'onnx/embedder.onnx',
  tokenizer: 'tokenizer.json',
  bank: 'replacements.json',
  vectors: 'replacements.int8.bin',
} as const;

/** A replacement in the bank of a tiny pack, with the texts that it is found by. */
export interface TinyReplacement {
  readonly kind: 'sentence' | 'response';
  readonly criterion: string;
  readonly text: string;
  readonly foundBy: readonly string[];
}

/** The replacements of a tiny pack. */
export const tinyReplacements: readonly TinyReplacement[] = [
  { kind: 'sentence', criterion: 'ethical', text: 'Apple trees grow gently.', foundBy: ['What do you say in the garden?', 'Awful people.'] },
  { kind: 'sentence', criterion: 'helpful', text: 'Bread rises in the warm.', foundBy: ['How do you do bread?', 'It is vague.'] },
  { kind: 'response', criterion: 'helpful', text: 'The kettle boils, and the tea is good.', foundBy: ['How do you do tea?'] },
  { kind: 'response', criterion: 'ethical', text: 'We say it early.', foundBy: ['What do you tell people?'] },
];

/** A folder with a small pack of models that are set by hand. */
export interface TinyPack {
  readonly directory: string;
  readonly pack: Pack;
  remove(): Promise<void>;
}

/** Writes a pack to a temporary folder: an inspector of three criteria, and an aligner with a few replacements. */
export async function createTinyPack(): Promise<TinyPack> {
  const directory = await mkdtemp(join(tmpdir(), 'tiny-pack-'));
  await mkdir(join(directory, 'onnx'));
  const tokenizerJson = tinyTokenizerJson();
  const tokenizer = await createTextTokenizer(tokenizerJson);
  const embedder = tinyEmbedder(tokenizer);
  const contents: Readonly<Record<keyof typeof tinyFiles, string | Uint8Array>> = {
    inspector: tinyInspector(tokenizer),
    embedder,
    tokenizer: JSON.stringify(tokenizerJson),
    bank: JSON.stringify({ replacements: tinyReplacements.map(({ kind, criterion, text }) => ({ kind, criterion, text })) }),
    vectors: new Uint8Array((await tinyVectors(embedder, tokenizer)).buffer),
  };
  for (const [role, file] of Object.entries(tinyFiles)) {
    await writeFile(join(directory, file), contents[role as keyof typeof tinyFiles]);
  }
  const names = { name: 'tiny-pack', version: '0.0.1', language: 'en', license: 'Apache-2.0' };
  await writePackManifest(directory, { schemaVersion: 1, ...names, ...tinySections }, Object.values(tinyFiles));
  return { directory, pack: await openPack(directory), remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The sections of the tiny pack's manifest that its packages read. */
export const tinySections = {
  inspector: {
    model: tinyFiles.inspector,
    tokenizer: tinyFiles.tokenizer,
    limits: { maxTokens: 200, promptTokens: 16, contextTokens: 100 },
    heads: tinyCriteria.map((criterion) => ({
      criterion,
      needsContext: criterion === 'factual',
      threshold: 0.5,
      calibration: { scale: 1, bias: -5 },
      acrossStretches: criterion === 'helpful' ? 'mean' : 'max',
    })),
  },
  aligner: {
    criteria: [...tinyCriteria],
    embedder: tinyFiles.embedder,
    tokenizer: tinyFiles.tokenizer,
    bank: tinyFiles.bank,
    vectors: tinyFiles.vectors,
    width: tinyWidth,
    sentenceThresholds: { ethical: 0.5, factual: 0.5, helpful: 0.5 },
    leastSimilarity: { sentence: 0.8, response: 0.8 },
  },
};

async function tinyVectors(embedder: Uint8Array, tokenizer: TextTokenizer): Promise<Int8Array> {
  await using session = await createSession(embedder);
  const vectors = new Int8Array(tinyReplacements.length * tinyWidth);
  for (const [index, { foundBy }] of tinyReplacements.entries()) {
    const sum = new Float32Array(tinyWidth);
    for (const text of foundBy) (await embed(session, tokenizer, text)).forEach((value, at) => (sum[at] = (sum[at] ?? 0) + value));
    const length = Math.hypot(...sum);
    vectors.set(sum.map((value) => Math.round((127 * value) / length)), index * tinyWidth);
  }
  return vectors;
}

async function embed(session: OnnxSession, tokenizer: TextTokenizer, text: string): Promise<number[]> {
  const ids = tokenizer.encode(text);
  const dims = [1, ids.length];
  const { embedding } = await session.run({ input_ids: int64(ids, dims), attention_mask: int64(ids.map(() => 1), dims) });
  return Array.from(embedding?.data ?? [], Number);
}
