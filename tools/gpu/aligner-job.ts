import { createRandom, type Random } from '@align-squad/core';
import { causalBatches, identityWarmup, sequenceBatches, taggingBatches } from '../../packages/train/src/data/aligner-batches.js';
import { readAlignerRecords, splitByPrompt, type AlignerRecord } from '../../packages/train/src/data/read-records.js';
import { createAlignerNetwork } from '../../packages/train/src/tasks/aligner-network.js';
import { tagRows, textRows, type TextRow } from '../../packages/train/src/tasks/aligner-rows.js';
import { startAligner, type AlignerStart } from '../../packages/train/src/tasks/aligner-start.js';
import { fingerprintOf } from '../../packages/train/src/tasks/fingerprint.js';
import { scratch, type ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import { openWorkFolder } from '../../packages/train/src/tasks/work-folder.js';
import type { Batches, Job } from './job.js';

/** The job of `trainAligner`, whose numbers and order of batches it has (packages/train/src/tasks/train-aligner.ts). */
export async function alignerJob(config: ResolvedTrainConfig): Promise<Job> {
  const { records, sha256 } = await readAlignerRecords(config.data);
  const dev = config.dev === undefined ? undefined : await readAlignerRecords(config.dev);
  const { training, held } = dev === undefined
    ? splitByPrompt(records, { share: config.devShare, seed: config.seed })
    : { training: records, held: dev.records };
  const fingerprint = fingerprintOf(config, dev === undefined ? [sha256] : [sha256, dev.sha256]);
  const start = await startAligner(config, training, await openWorkFolder(config.out, { fingerprint, restart: false }));
  const network = createAlignerNetwork(start.models, start.design, config);
  const isScratch = config.base === scratch;
  const batches = batchMaker(config, start, training);
  return {
    kind: start.design,
    config,
    fingerprint,
    checkpoint: 'aligner.safetensors',
    weights: network.weights,
    // Heads, layers and the base of the rotary frequencies, under the names of Hugging Face.
    model: start.json['config.json'] ?? {},
    epochs: (config.epochs ?? (isScratch ? 10 : 3)) + warmupEpochs(config),
    peak: config.learningRate ?? (isScratch ? 1e-3 : 2e-5),
    firstShape: start.design === 'encoder-decoder' ? [2, 8, 8] : [2, 8],
    build: (graph, weight, dims) => network.build(graph, weight, dims, 'correction'),
    batches: (epoch) => batches(epoch, createRandom(config.seed + epoch)),
    held: batchMaker(config, start, held)(0, createRandom(config.seed)),
  };
}

function warmupEpochs({ aligner }: ResolvedTrainConfig): number {
  return (aligner.identityWarmup ?? 0.2) > 0 ? 1 : 0;
}

function batchMaker(config: ResolvedTrainConfig, start: AlignerStart, records: readonly AlignerRecord[]): (epoch: number, random: Random) => Batches {
  const { tokenizer, special, maxTokens, design, phrases } = start;
  const options = { tokenizer, special, maxTokens };
  const sizes = { pad: special.pad, batchTokens: config.batchTokens };
  const identities = identityWarmup(records, config.aligner.identityWarmup ?? 0.2, createRandom(config.seed));
  const isWarmup = (epoch: number): boolean => epoch === 1 && warmupEpochs(config) === 1;
  if (design === 'edit-tagger') {
    const [rows, warmup] = [tagRows(records, options, phrases), tagRows(identities, options, phrases)];
    return (epoch, random) => taggingBatches(isWarmup(epoch) ? warmup : rows, { ...sizes, random });
  }
  const rowsOf = (some: readonly AlignerRecord[]): TextRow[] => textRows(some, options, ({ correction }) => correction);
  const [rows, warmup] = [rowsOf(records), rowsOf(identities)];
  return (epoch, random) => {
    const chosen = isWarmup(epoch) ? warmup : rows;
    return design === 'decoder' ? causalBatches(chosen, { ...sizes, random }) : sequenceBatches(chosen, { ...sizes, start: special.decoderStart, random });
  };
}
