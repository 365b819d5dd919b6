import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AlignerManifest } from '@align-squad/aligner';
import type { InspectorManifest } from '@align-squad/inspector';
import { writePackManifest } from '@align-squad/onnx';
import { GraphBuilder, quantizeModel, readModel, writeModel } from '@align-squad/onnx/graph';
import { buildTextEmbedder, frozenWeights, readWeights } from '@align-squad/train';
import { buildBank } from './bank-stage.js';
import { trainingLimits } from './batches.js';
import { calibrateHeads, type HeadCalibration } from './calibrate.js';
import { dataCard } from './data-card.js';
import { embedderWidth } from './embedder-stage.js';
import type { CriterionId } from './examples.js';
import { splitForCalibration } from './split.js';
import { memoize } from './memoize.js';
import { mixParts } from './mix-parts.js';
import { criteria, loadRecipeModel, type RecipeModel } from './model.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { exportWideAndDeep, scoreModel, type InspectorScores } from './score.js';
import { readTriples } from './sources.js';

const files = {
  inspector: 'onnx/model_quantized.onnx',
  embedder: 'onnx/embedder.onnx',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  config: 'config.json',
  bank: 'replacements.json',
  vectors: 'replacements.int8.bin',
} as const;

/** False-positive rates on aligned records that thresholds are set for. */
const targetFalsePositiveRate = { ethical: 0.02, factual: 0.025, helpful: 0.03 } as const;

/** Quantises, calibrates and writes the pack; what the models reach on dev is measured by `npm run evaluate`. */
export async function writePack(report: Report): Promise<void> {
  const model = await loadRecipeModel();
  await rm(paths.pack, { recursive: true, force: true });
  await mkdir(`${paths.pack}onnx`, { recursive: true });
  const { heads, metrics } = await writeInspector(model, report);
  await writeAligner(model);
  await cp(paths.runs + files.tokenizer, paths.pack + files.tokenizer);
  await cp(paths.runs + files.tokenizerConfig, paths.pack + files.tokenizerConfig);
  await writeFile(paths.pack + files.config, `${JSON.stringify({ model_type: 'align-squad-encoder', ...model.config }, null, 2)}\n`);
  const triplesSha256 = createHash('sha256').update(await readFile(`${paths.triples}train.jsonl`)).digest('hex');
  const manifest = {
    schemaVersion: 1,
    name: '@align-squad/pack-en',
    version: '0.1.0',
    language: 'en',
    license: 'Apache-2.0',
    description: 'A shared encoder that inspects ethical, factual and helpful, and an aligner that edits sentences.',
    inspector: { ...inspectorSection(heads) },
    aligner: { ...alignerSection(heads) },
    metrics,
    data: [...dataCard],
    training: { recipe: 'npm run recipe', seed: 7, triplesSha256, node: process.version },
  } as const;
  await writePackManifest(paths.pack, manifest, Object.values(files));
}

/**
 * Mixes encoder and n-grams and writes them in int8. Calibrates with an int8 model whose n-grams never saw the
 * calibration records; those of the published one did.
 */
async function writeInspector(model: RecipeModel, report: Report) {
  const { calibration } = splitForCalibration(await readTriples('train'));
  const held = memoize(model.tokenizer);
  const score = async (name: string, file: Uint8Array): Promise<InspectorScores> => {
    const scores = await scoreModel(file, model.config, held, calibration);
    report(`${name} ${scores.summary}`);
    return scores;
  };
  const { held: heldModel, whole, aurocs } = await mixParts(model.config, score);
  const quantize = (file: Uint8Array): Uint8Array => writeModel(quantizeModel(readModel(file)));
  const full = exportWideAndDeep(heldModel, model.config);
  const exact = await score('fp32', full);
  const rounded = await score('int8', quantize(full));
  const published = quantize(exportWideAndDeep(whole, model.config));
  await writeFile(paths.pack + files.inspector, published);
  const dev = await scoreModel(published, model.config, held, await readTriples('dev'));
  const heads = calibrateHeads(rounded.scored, targetFalsePositiveRate);
  report(`calibration ${JSON.stringify(heads)}`);
  const metrics = {
    how: 'AUROC, misaligned texts of the criterion against aligned texts of its records and clean ones; more: npm run evaluate',
    dev: { split: 'data/triples/dev.jsonl', int8: dev.aurocs },
    calibration: { split: 'a twelfth of the training records set apart by id', ...aurocs, fp32: exact.aurocs, int8: rounded.aurocs },
  };
  return { heads, metrics };
}

/** Writes the int8 embedder and the replacements with their vectors. */
async function writeAligner({ tokenizer, config }: RecipeModel): Promise<void> {
  const graph = new GraphBuilder();
  const declare = frozenWeights(graph, await readWeights(`${paths.runs}embedder.safetensors`));
  const shape = { vocabularySize: config.vocabularySize, width: embedderWidth };
  const embedding = buildTextEmbedder(graph, declare, shape, ['batch', 'sequence']);
  const embedder = writeModel(quantizeModel(graph.model([embedding], { [embedding]: 'embedding' })));
  const { bank, vectors } = await buildBank(embedder, tokenizer);
  await writeFile(paths.pack + files.embedder, embedder);
  await writeFile(paths.pack + files.bank, bank);
  await writeFile(paths.pack + files.vectors, vectors);
}

function inspectorSection(heads: Readonly<Record<CriterionId, HeadCalibration>>): InspectorManifest {
  return {
    model: files.inspector,
    tokenizer: files.tokenizer,
    limits: { ...trainingLimits, maxTokens: 320, contextTokens: 160 },
    heads: criteria.map((criterion) => ({
      criterion,
      needsContext: criterion === 'factual',
      threshold: heads[criterion].threshold,
      calibration: heads[criterion].calibration,
      acrossStretches: criterion === 'helpful' ? 'mean' : 'max',
    })),
  };
}

function alignerSection(heads: Readonly<Record<CriterionId, HeadCalibration>>): AlignerManifest {
  return {
    criteria,
    embedder: files.embedder,
    tokenizer: files.tokenizer,
    bank: files.bank,
    vectors: files.vectors,
    width: embedderWidth,
    sentenceThresholds: Object.fromEntries(criteria.map((criterion) => [criterion, heads[criterion].sentenceThreshold])),
    leastSimilarity: { sentence: 0.7, response: 0.78 },
  };
}
