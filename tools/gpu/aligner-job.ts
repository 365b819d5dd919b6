import { createRandom } from '@align-squad/core';
import { alignerBatchMaker } from '../../packages/train/src/tasks/aligner-batch-maker.js';
import { readAlignerData } from '../../packages/train/src/tasks/aligner-data.js';
import { createAlignerNetwork } from '../../packages/train/src/tasks/aligner-network.js';
import { startAligner } from '../../packages/train/src/tasks/aligner-start.js';
import { fingerprintOf } from '../../packages/train/src/tasks/fingerprint.js';
import { epochsOf, firstShapes, learningRateOf } from '../../packages/train/src/tasks/train-aligner.js';
import type { ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import { openWorkFolder } from '../../packages/train/src/tasks/work-folder.js';
import type { Job } from './job.js';

/** The job of `trainAligner`, whose numbers and order of batches it has (packages/train/src/tasks/train-aligner.ts). */
export async function alignerJob(config: ResolvedTrainConfig): Promise<Job> {
  const { training, held, hashes } = await readAlignerData(config);
  const fingerprint = fingerprintOf(config, hashes);
  const start = await startAligner(config, training, await openWorkFolder(config.out, { fingerprint, restart: false }));
  const network = createAlignerNetwork(start.models, start.design, config);
  const task = { config, start, network };
  const [trained, measured] = [await alignerBatchMaker(task, training), await alignerBatchMaker(task, held)];
  return {
    kind: start.design,
    config,
    fingerprint,
    checkpoint: 'aligner.safetensors',
    weights: network.weights,
    // Heads, layers and the base of the rotary frequencies, under the names of Hugging Face.
    model: start.json['config.json'] ?? {},
    epochs: epochsOf(config),
    peak: learningRateOf(config),
    firstShape: firstShapes[start.design],
    build: (graph, weight, dims) => network.build(graph, weight, dims, 'correction'),
    batches: (epoch) => trained.ofEpoch(epoch, createRandom(config.seed + epoch)),
    held: measured.ofEpoch(0, createRandom(config.seed)),
  };
}
