import { AlignSquadError } from '@align-squad/core';
import { readAlignerRecords, splitByPrompt, type AlignerRecord } from '../data/read-records.js';
import type { ResolvedTrainConfig } from './train-config.js';

/** The records of a training, split. */
export interface AlignerData {
  readonly training: readonly AlignerRecord[];
  /** Held out: chooses the best weights, and is what the pack's metrics are measured on. */
  readonly held: readonly AlignerRecord[];
  readonly hashes: readonly string[];
}

/** Reads the records that a configuration names. Rejects with `invalid-dataset`, naming file and line. */
export async function readAlignerData(config: ResolvedTrainConfig, signal?: AbortSignal): Promise<AlignerData> {
  const options = { criteria: config.criteria.map(({ id }) => id), signal };
  const { records, sha256 } = await readAlignerRecords(config.data, options);
  if (config.dev !== undefined) {
    const dev = await readAlignerRecords(config.dev, options);
    return { training: records, held: dev.records, hashes: [sha256, dev.sha256] };
  }
  const split = splitByPrompt(records, { share: config.devShare, seed: config.seed });
  if (split.training.length > 0 && split.held.length > 0) return { ...split, hashes: [sha256] };
  throw new AlignSquadError('Expected records of at least two prompts, to hold some out: add records, or give held-out ones by `dev`.', {
    code: 'invalid-dataset',
  });
}
