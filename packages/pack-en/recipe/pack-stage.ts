import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { writePackManifest } from '@align-squad/onnx';
import { GraphBuilder, quantizeModel, readModel, writeModel } from '@align-squad/onnx/graph';
import { buildTextEmbedder, frozenWeights, readWeights } from '@align-squad/train';
import { buildBank } from './bank-stage.js';
import { calibrateHeads } from './calibrate.js';
import { dataCard } from './data-card.js';
import { embedderWidth } from './embedder-stage.js';
import { splitForCalibration } from './inspector-stage.js';
import { memoize } from './memoize.js';
import { criteria, loadRecipeModel } from './model.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { exportInspector, scoreModel } from './score.js';
import { readTriples } from './sources.js';
import { trainingLimits } from './batches.js';

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
const targetFalsePositiveRate = { ethical: 0.02, factual: 0.03, helpful: 0.02 } as const;

/** Quantises, calibrates and writes the pack; what the models reach on dev is measured by `npm run evaluate`. */
export async function writePack(report: Report): Promise<void> {
  const { tokenizer, config } = await loadRecipeModel();
  await rm(paths.pack, { recursive: true, force: true });
  await mkdir(`${paths.pack}onnx`, { recursive: true });
  const weights = await readWeights(`${paths.runs}inspector.safetensors`);
  const full = exportInspector(weights, config);
  const small = writeModel(quantizeModel(readModel(full)));
  await writeFile(paths.pack + files.inspector, small);

  const { calibration } = splitForCalibration(await readTriples('train'));
  const held = memoize(tokenizer);
  const exact = await scoreModel(full, config, held, calibration);
  const rounded = await scoreModel(small, config, held, calibration);
  report(`fp32 ${exact.summary}`);
  report(`int8 ${rounded.summary}`);
  const heads = calibrateHeads(rounded.scored, targetFalsePositiveRate);
  report(`calibration ${JSON.stringify(heads)}`);

  const graph = new GraphBuilder();
  const embedderShape = { vocabularySize: config.vocabularySize, width: embedderWidth };
  const declare = frozenWeights(graph, await readWeights(`${paths.runs}embedder.safetensors`));
  const embedding = buildTextEmbedder(graph, declare, embedderShape, ['batch', 'sequence']);
  const embedder = writeModel(quantizeModel(graph.model([embedding], { [embedding]: 'embedding' })));
  await writeFile(paths.pack + files.embedder, embedder);
  const { bank, vectors } = await buildBank(embedder, tokenizer);
  await writeFile(paths.pack + files.bank, bank);
  await writeFile(paths.pack + files.vectors, vectors);
  await cp(paths.runs + files.tokenizer, paths.pack + files.tokenizer);
  await cp(paths.runs + files.tokenizerConfig, paths.pack + files.tokenizerConfig);
  await writeFile(paths.pack + files.config, `${JSON.stringify({ model_type: 'align-squad-encoder', ...config }, null, 2)}\n`);

  const dataHash = createHash('sha256').update(await readFile(`${paths.triples}train.jsonl`)).digest('hex');
  await writePackManifest(paths.pack, {
    schemaVersion: 1,
    name: '@align-squad/pack-en',
    version: '0.1.0',
    language: 'en',
    license: 'Apache-2.0',
    description: 'A shared encoder that inspects ethical, factual and helpful, and an aligner that edits sentences.',
    inspector: {
      model: files.inspector,
      tokenizer: files.tokenizer,
      limits: { ...trainingLimits, maxTokens: 320, contextTokens: 160 },
      heads: criteria.map((criterion) => ({
        criterion,
        needsContext: criterion === 'factual',
        ...heads[criterion],
        acrossStretches: criterion === 'helpful' ? 'mean' : 'max',
      })),
    },
    aligner: {
      criteria: [...criteria],
      embedder: files.embedder,
      tokenizer: files.tokenizer,
      bank: files.bank,
      vectors: files.vectors,
      width: embedderWidth,
      sentenceThresholds: { ethical: 0.5, factual: 0.5, helpful: 0.5 },
      leastSimilarity: { sentence: 0.55, response: 0.6 },
    },
    metrics: {
      how: 'AUROC on the calibration records, a twelfth of the training records set apart by id; dev numbers: npm run evaluate',
      fp32: exact.aurocs,
      int8: rounded.aurocs,
    },
    data: dataCard,
    training: { recipe: 'npm run recipe', seed: 7, triplesSha256: dataHash, node: process.version },
  }, Object.values(files));
}
