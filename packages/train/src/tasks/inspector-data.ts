import { AlignSquadError } from '@align-squad/core';
import type { ExchangeLayout } from '@align-squad/inspector';
import { readInspectorRecords, splitByPrompt, type InspectorRecord } from '../data/read-records.js';
import { rowsThatFit } from '../data/rows-that-fit.js';
import type { TrainEvent } from '../trainer/train-event.js';
import type { ResolvedTrainConfig } from './train-config.js';

/** The records of one expert, split. */
export interface ExpertData {
  readonly criterion: string;
  readonly training: readonly InspectorRecord[];
  /** What its opinion is calibrated on. */
  readonly held: readonly InspectorRecord[];
}

/** The records of a training, split. */
export interface InspectorData {
  readonly training: readonly InspectorRecord[];
  /** Held out: chooses the best weights, calibrates, and is what the pack's metrics are measured on. */
  readonly held: readonly InspectorRecord[];
  /** What the n-gram half learns from, nothing of it held out. */
  readonly ngramTraining: readonly InspectorRecord[];
  readonly experts: readonly ExpertData[];
  readonly hashes: readonly string[];
}

/** Reads the records that a configuration names. Rejects with `invalid-dataset`, naming file and line. */
export async function readInspectorData(config: ResolvedTrainConfig, signal: AbortSignal | undefined): Promise<InspectorData> {
  const options = { criteria: config.criteria, signal };
  const { records, sha256 } = await readInspectorRecords(config.data, options);
  const dev = config.dev === undefined ? undefined : await readInspectorRecords(config.dev, options);
  const ngrams = config.inspector.ngramData === undefined ? undefined : await readInspectorRecords(config.inspector.ngramData, options);
  const { training, held } = dev === undefined
    ? splitByPrompt(records, { share: config.devShare, seed: config.seed })
    : { training: records, held: dev.records };
  requireBothLabels(config, training, 'train on');
  requireBothLabels(config, held, 'hold out');
  const experts = await readExperts(config, signal);
  return {
    training,
    held,
    ngramTraining: ngrams?.records ?? training,
    experts: experts.map(({ data }) => data),
    hashes: [sha256, dev?.sha256 ?? '', ngrams?.sha256 ?? '', ...experts.map((expert) => expert.sha256)],
  };
}

const expertHeldShare = 0.1;

async function readExperts(
  { inspector, criteria, seed }: ResolvedTrainConfig,
  signal: AbortSignal | undefined,
): Promise<{ readonly data: ExpertData; readonly sha256: string }[]> {
  const experts = [];
  for (const { criterion, data } of inspector.experts ?? []) {
    const own = criteria.filter(({ id }) => id === criterion);
    if (own.length === 0) {
      throw new AlignSquadError('Expected `inspector.experts` to name criteria of the training.', { code: 'invalid-options' });
    }
    const { records, sha256 } = await readInspectorRecords(data, { criteria: own, signal });
    experts.push({ data: { criterion, ...splitByPrompt(records, { share: expertHeldShare, seed }) }, sha256 });
  }
  return experts;
}

/** What a training is told of its records, once it is known how they are laid out: the first window of each is used. */
export function describeRecords({ training, held }: Pick<InspectorData, 'training' | 'held'>, { firstWindow }: Pick<ExchangeLayout, 'firstWindow'>): TrainEvent {
  const cutOf = (records: readonly InspectorRecord[]) => rowsThatFit(records, (record) => (firstWindow(record.exchange).isCut ? undefined : record)).skipped;
  const cut = cutOf(training);
  return { type: 'records', training: training.length, held: held.length, skipped: 0, cut: cut.count + cutOf(held).count, lines: [...new Set(cut.lines)] };
}

function requireBothLabels({ criteria }: ResolvedTrainConfig, records: readonly InspectorRecord[], use: string): void {
  for (const { id } of criteria) {
    const labels = new Set(records.flatMap(({ labels: given }) => (given[id] === undefined ? [] : [given[id] >= 0.5])));
    if (labels.size === 2) continue;
    throw new AlignSquadError(
      `Expected records with both labels of \`${id}\` to ${use}, got ${labels.size === 0 ? 'none' : 'one label only'}: add records, or change \`devShare\`.`,
      { code: 'invalid-dataset' },
    );
  }
}
