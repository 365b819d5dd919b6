import { alignerTokenIds, countEditTags, learnPhrases, parseAlignerManifest, type AlignerTokenIds, type AlignerTokenNames } from '@align-squad/aligner';
import { AlignSquadError, createRandom, promptText } from '@align-squad/core';
import { createTextTokenizer, openPack, type TextTokenizer } from '@align-squad/onnx';
import type { AlignerRecord } from '../data/read-records.js';
import { buildEditTagger } from '../models/edit-tagger.js';
import { buildEncoderDecoder } from '../models/encoder-decoder.js';
import { buildLlamaDecoder } from '../models/llama-decoder.js';
import type { TransformerShape } from '../models/transformer-shape.js';
import { huggingFaceConfig, type JsonFiles } from '../packs/hugging-face-config.js';
import { quantizedName } from '../packs/write-pack.js';
import { trainAlignerTokenizer } from '../tokenizer/train-aligner-tokenizer.js';
import { alignerFiles, type AlignerModels } from './aligner-network.js';
import type { AlignerDesign } from './aligner-settings.js';
import { openBase, readBaseModel } from './open-base.js';
import { readPhrases as readPackPhrases } from './read-phrases.js';
import { scratch, type ResolvedTrainConfig } from './train-config.js';
import type { WorkFolder } from './work-folder.js';

/** What a training of an aligner starts from. */
export interface AlignerStart {
  readonly design: AlignerDesign;
  readonly models: AlignerModels;
  readonly tokenizerJson: object;
  readonly tokenizer: TextTokenizer;
  readonly special: AlignerTokenIds;
  readonly tokens?: AlignerTokenNames | undefined;
  /** Phrases of an edit tagger. */
  readonly phrases: readonly string[];
  readonly maxTokens: number;
  /** config.json and its like. */
  readonly json: JsonFiles;
}

const defaultMaxTokens = 512;
const defaultPhrases = 100;

/** Opens the base, or makes a tokenizer and random weights from the records. */
export function startAligner(config: ResolvedTrainConfig, records: readonly AlignerRecord[], work: WorkFolder): Promise<AlignerStart> {
  return config.base === scratch ? startFromScratch(config, records, work) : startFromBase(config);
}

async function startFromScratch(config: ResolvedTrainConfig, records: readonly AlignerRecord[], work: WorkFolder): Promise<AlignerStart> {
  const { design = 'decoder', maxTokens = defaultMaxTokens, shape: wanted = {} } = config.aligner;
  requireObjective(config, design);
  const tokenizerJson = await work.json('tokenizer', async () => {
    const texts = records.flatMap(({ exchange, correction }) => [promptText(exchange.prompt), exchange.context ?? '', exchange.response, correction]);
    return trainAlignerTokenizer(texts, { vocabularySize: wanted.vocabularySize ?? 8192 });
  });
  const tokenizer = await createTextTokenizer(tokenizerJson);
  const { width = 128, layers = 4, attentionHeads = 4 } = wanted;
  const shape: TransformerShape = {
    vocabularySize: tokenizer.vocabularySize,
    width,
    layers,
    attentionHeads,
    keyValueHeads: design === 'decoder' ? (wanted.keyValueHeads ?? Math.max(1, attentionHeads >> 1)) : attentionHeads,
    feedForwardWidth: wanted.feedForwardWidth ?? 3 * width,
    maxTokens,
  };
  const pairs = records.filter(({ identity }) => !identity).map(({ exchange, correction }) => ({ before: exchange.response, after: correction }));
  const phrases = design === 'edit-tagger' ? learnPhrases(pairs, wanted.phrases ?? defaultPhrases) : [];
  const built = build(design, shape, phrases, config.seed);
  return {
    design,
    tokenizerJson,
    tokenizer,
    special: alignerTokenIds(tokenizer),
    phrases,
    maxTokens,
    models: built.models,
    json: built.config(tokenizer),
  };
}

interface Built {
  readonly models: AlignerModels;
  readonly config: (tokenizer: TextTokenizer) => JsonFiles;
}

function build(design: AlignerDesign, shape: TransformerShape, phrases: readonly string[], seed: number): Built {
  const random = createRandom(seed);
  switch (design) {
    case 'decoder':
      return { models: { 'onnx/model.onnx': buildLlamaDecoder(shape, random) }, config: (tokenizer) => huggingFaceConfig('decoder', { shape, tokenizer }) };
    case 'encoder-decoder': {
      const { encoder, decoder } = buildEncoderDecoder(shape, random);
      return {
        models: { 'onnx/encoder_model.onnx': encoder, 'onnx/decoder_model_merged.onnx': decoder },
        config: (tokenizer) => huggingFaceConfig('encoder-decoder', { shape, tokenizer }),
      };
    }
    case 'edit-tagger': {
      const labels = countEditTags(phrases.length);
      const names = Array.from({ length: labels }, (_, tag) => `${tag % 2 === 0 ? 'KEEP' : 'DELETE'}${tag < 2 ? '' : `|${tag >> 1}`}`);
      return {
        models: { 'onnx/model.onnx': buildEditTagger({ ...shape, labels }, random) },
        config: (tokenizer) => huggingFaceConfig('tagger', { shape, tokenizer, labels: names }),
      };
    }
    default:
      return design satisfies never;
  }
}

async function startFromBase(config: ResolvedTrainConfig): Promise<AlignerStart> {
  const base = await openBase(config.base);
  const section = base.manifest?.aligner === undefined ? undefined : parseAlignerManifest(base.manifest.aligner);
  const own = section?.design;
  const design = config.aligner.design ?? (own === undefined || own === 'sentence-edits' ? 'decoder' : own);
  if (section !== undefined && design !== own) {
    throw new AlignSquadError(`The base holds an aligner of the design ${own ?? 'sentence-edits'}, not ${design}.`, { code: 'invalid-options' });
  }
  requireObjective(config, design);
  const models = Object.fromEntries(await Promise.all(
    alignerFiles[design].map(async (path) => [path, await readBaseModel(base, [path, path.replace('onnx/', ''), quantizedName(path)])] as const),
  ));
  const tokens = section !== undefined && 'tokens' in section ? section.tokens : namesOf(base.tokenizerConfig);
  const position = base.config['max_position_embeddings'];
  const room = section !== undefined && 'maxTokens' in section ? section.maxTokens : typeof position === 'number' ? position : defaultMaxTokens;
  const phrases = design === 'edit-tagger' ? await readPhrases(config.base, section) : [];
  return {
    design,
    models,
    tokenizerJson: base.tokenizerJson,
    tokenizer: base.tokenizer,
    special: alignerTokenIds(base.tokenizer, tokens),
    tokens,
    phrases,
    maxTokens: Math.min(room, config.aligner.maxTokens ?? defaultMaxTokens),
    json: { 'config.json': base.config, 'tokenizer_config.json': base.tokenizerConfig },
  };
}

function requireObjective({ aligner }: ResolvedTrainConfig, design: AlignerDesign): void {
  if (aligner.objective !== 'preference' || design !== 'edit-tagger') return;
  throw new AlignSquadError('An edit tagger gives a text no probability, so it learns no preferences: use the objective `correction`, or another design.', {
    code: 'invalid-options',
  });
}

async function readPhrases(directory: string, section: ReturnType<typeof parseAlignerManifest> | undefined): Promise<readonly string[]> {
  if (section?.design !== 'edit-tagger') throw new AlignSquadError('The base is no edit tagger of a pack: it has no phrases.', { code: 'pack-invalid' });
  return readPackPhrases(await openPack(directory), section.phrases);
}

/** A base of another maker ends a text with its own token. */
function namesOf(tokenizerConfig: Readonly<Record<string, unknown>>): AlignerTokenNames {
  const nameOf = (field: string): string | undefined => (typeof tokenizerConfig[field] === 'string' ? tokenizerConfig[field] : undefined);
  const [start, done, pad] = ['bos_token', 'eos_token', 'pad_token'].map(nameOf);
  return { ...(start === undefined ? {} : { start }), ...(done === undefined ? {} : { done }), ...(pad === undefined ? {} : { pad }) };
}
