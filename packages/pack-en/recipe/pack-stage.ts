import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { SentenceEditsManifest } from '@align-squad/aligner';
import { parseInspectorManifest } from '@align-squad/inspector';
import { openPack, writePackManifest, type Pack, type PackManifest, type TextTokenizer } from '@align-squad/onnx';
import { GraphBuilder, quantizeModel, writeModel } from '@align-squad/onnx/graph';
import { buildTextEmbedder, frozenWeights, readWeights } from '@align-squad/train';
import { buildBank } from './bank-stage.js';
import { dataCard } from './data-card.js';
import { embedderWidth } from './embedder-stage.js';
import { criteria, loadRecipeTokenizer } from './model.js';
import { optimizeGraph } from './optimize-graph.js';
import { paths } from './paths.js';
import type { Report } from './report.js';

const files = {
  embedder: 'onnx/embedder.onnx',
  bank: 'replacements.json',
  vectors: 'replacements.int8.bin',
} as const;
const float32File = 'onnx/model.onnx';
const thresholdsFile = 'sentence_thresholds.json';

/** Adds the aligner to the trained inspector and puts the pack in its place, in int8 alone; quality is measured by `npm run evaluate`. */
export async function writePack(report: Report): Promise<void> {
  const trained = await openPack(paths.inspector);
  const part = `${paths.pack.replace(/\/$/, '')}.part/`;
  await rm(part, { recursive: true, force: true });
  await cp(paths.inspector, part, { recursive: true });
  await rm(part + float32File);
  await optimizeGraph(part + parseInspectorManifest(trained.manifest.inspector).model);
  await writeAligner(await loadRecipeTokenizer(), part);
  const kept = Object.keys(trained.manifest.files).filter((file) => file !== float32File);
  await tellInt8(part);
  await writePackManifest(part, await manifestOf(trained), [...kept, ...Object.values(files)]);
  await rm(paths.pack, { recursive: true, force: true });
  await rename(part, paths.pack);
  report('the pack is written; measure it with npm run evaluate');
}

/** transformers.js looks for the float32 file unless it is told. */
async function tellInt8(folder: string): Promise<void> {
  const config = JSON.parse(await readFile(`${folder}config.json`, 'utf8')) as object; // written by the training
  await writeFile(`${folder}config.json`, `${JSON.stringify({ ...config, 'transformers.js_config': { dtype: 'q8' } }, null, 2)}\n`);
}

async function manifestOf(trained: Pack): Promise<Omit<PackManifest, 'files'>> {
  const { files: _measured, ...manifest } = trained.manifest;
  const inspector = parseInspectorManifest(manifest.inspector);
  return {
    ...manifest,
    name: '@align-squad/pack-en',
    description: 'A shared encoder that inspects ethical, factual and helpful, and an aligner that edits sentences.',
    inspector: {
      ...inspector,
      // A long answer is as helpful as its parts on the whole, and as harmful as the worst of them.
      heads: inspector.heads.map((head) => (head.criterion === 'helpful' ? { ...head, acrossStretches: 'mean' } : head)),
    },
    aligner: { ...(await alignerSection(trained)) },
    data: [...dataCard],
    training: { ...manifest.training, recipe: 'npm run recipe' },
  };
}

/** Writes the int8 embedder and the replacements with their vectors. */
async function writeAligner(tokenizer: TextTokenizer, folder: string): Promise<void> {
  const graph = new GraphBuilder();
  const declare = frozenWeights(graph, await readWeights(`${paths.runs}embedder.safetensors`));
  const shape = { vocabularySize: tokenizer.vocabularySize, width: embedderWidth };
  const embedding = buildTextEmbedder(graph, declare, shape, ['batch', 'sequence']);
  const embedder = writeModel(quantizeModel(graph.model([embedding], { [embedding]: 'embedding' })));
  const { bank, vectors } = await buildBank(embedder, tokenizer);
  await writeFile(folder + files.embedder, embedder);
  await writeFile(folder + files.bank, bank);
  await writeFile(folder + files.vectors, vectors);
}

async function alignerSection(trained: Pack): Promise<SentenceEditsManifest> {
  // Written by the training, a number a criterion.
  const thresholds = (await trained.readJson(thresholdsFile)) as Readonly<Record<string, number>>;
  return {
    criteria,
    embedder: files.embedder,
    tokenizer: 'tokenizer.json',
    bank: files.bank,
    vectors: files.vectors,
    width: embedderWidth,
    sentenceThresholds: Object.fromEntries(criteria.map((criterion) => [criterion, thresholds[criterion] ?? 1])),
    leastSimilarity: { sentence: 0.7, response: 0.78 },
  };
}
