import { createRandom, type Random } from '@align-squad/core';
import { rm } from 'node:fs/promises';
import {
  buildInspectorLoss,
  cosineSchedule,
  createTrainingStep,
  readWeights,
  writeWeights,
  type Batch,
  type Weights,
} from '@align-squad/train';
import { augmentationSources, type AugmentationSources } from './augmentation-sources.js';
import { brokenFacts, brokenTextbook, plantedSentences, swappedAnswers } from './augmented-units.js';
import { unitBatches, type BatchShape } from './batches.js';
import type { Unit } from './examples.js';
import { exportEncoder, scoreModel } from './score.js';
import { loadRecipeModel } from './model.js';
import { paths } from './paths.js';
import type { Report } from './report.js';
import { readTriples, type Triple } from './sources.js';
import { splitForCalibration } from './split.js';
import { memoize } from './memoize.js';
import { thirdPartyUnits } from './third-party-units.js';
import { tripleUnits } from './triple-units.js';

/** Settings of the inspector stage. */
export interface InspectorStageOptions {
  readonly epochs: number;
  readonly seed: number;
  readonly threads: number;
  readonly peakLearningRate: number;
  readonly tokenDropout: number;
}

const batchTokens = 2048;

/**
 * Trains the shared encoder with its heads from the pretrained encoder; keeps the epoch whose mean AUROC on the
 * calibration records is best and writes it to `inspector.safetensors`.
 */
export async function trainInspector(options: InspectorStageOptions, report: Report): Promise<void> {
  const random = createRandom(options.seed);
  const { tokenizer: plain, config } = await loadRecipeModel();
  const tokenizer = memoize(plain);
  const { training, calibration } = splitForCalibration(await readTriples('train'));
  const sources = await augmentationSources();
  const weights: Weights = await readWeights(`${paths.runs}pretrained.safetensors`);
  for (const name of [...weights.keys()]) if (name.startsWith('mlm.')) weights.delete(name);
  const step = createTrainingStep({
    weights,
    random,
    firstShape: [2, 8] as BatchShape,
    buildLoss: (graph, weight, shape) => buildInspectorLoss(graph, weight, config, shape, { pair: 0.5, sentence: 0.5 }),
    threads: options.threads,
    weightDecay: 0.02,
  });
  const epochBatches = (): Batch<BatchShape>[] =>
    unitBatches(unitsOfEpoch(training, sources, random), { tokenizer, config, batchTokens, tokenDropout: options.tokenDropout, random });
  let batches = epochBatches();
  const schedule = { peak: options.peakLearningRate, warmupSteps: 150, totalSteps: batches.length * options.epochs };
  let done = 0;
  let best = -Infinity;
  await rm(`${paths.runs}inspector.safetensors`, { force: true });
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    let total = 0;
    for (const [index, batch] of batches.entries()) {
      total += await step.run(batch, cosineSchedule(++done, schedule));
      if ((index + 1) % 50 === 0) report(`epoch ${epoch} ${index + 1}/${batches.length} loss ${(total / (index + 1)).toFixed(4)}`);
    }
    step.save();
    const scores = await scoreModel(exportEncoder(weights, config), config, tokenizer, calibration);
    report(`epoch ${epoch} loss ${(total / batches.length).toFixed(4)} ${scores.summary}`);
    if (scores.meanAuroc > best) {
      best = scores.meanAuroc;
      await writeWeights(`${paths.runs}inspector.safetensors`, weights);
    }
    if (epoch < options.epochs) batches = epochBatches();
  }
  await step.dispose();
}

function unitsOfEpoch(training: readonly Triple[], sources: AugmentationSources, random: Random): Unit[] {
  return [
    ...tripleUnits(training),
    ...swappedAnswers(training, 400, random),
    ...plantedSentences(training, 500, random),
    ...brokenFacts(training, 500, random),
    ...brokenTextbook(sources.paragraphs, 400, random),
    ...thirdPartyUnits(sources.thirdParty, 0.4, random),
  ];
}
