import { AlignSquadError } from '@align-squad/core';
import { cleanTriples, type FilterReport } from '../clean/clean-triples.js';
import { planSplit } from '../clean/split-triples.js';
import { datasetCard, type DatasetCard } from '../dataset/dataset-card.js';
import { formatDatasetCard } from '../dataset/format-dataset-card.js';
import { tripleSchema, type Triple } from '../records/records.js';
import type { StageProgress } from './ask-stage.js';
import { makeFolder, readRecords, writeRecords, writeText } from './json-lines.js';
import type { ResolvedRunSettings } from './run-settings.js';

export type { DatasetCard } from '../dataset/dataset-card.js';

/** What a dataset is finished with. */
export interface FinishOptions {
  readonly settings: ResolvedRunSettings;
  /** Path of a file in the folder of the run. */
  readonly path: (file: string) => string;
  /** What each stage asked and got. */
  readonly stages: readonly StageProgress[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Cleans the triples of a run, splits them by prompt and writes dataset/train.jsonl, dataset/dev.jsonl, the card
 * (dataset/card.json and dataset/README.md), and filters.json with samples of what was dropped. The card comes last.
 * @throws AlignSquadError `generator-failed` when nothing is left or a file can't be written; `invalid-options` for an
 * unknown filter; the signal's reason.
 */
export async function finishDataset({ settings, path, stages, signal }: FinishOptions): Promise<DatasetCard> {
  const { devShare, seed } = settings;
  const { kept, report } = await clean({ settings, path, stages, signal });
  if (kept === 0) {
    throw new AlignSquadError('No triple passed the cleaning filters: filters.json in the run folder says which dropped how many, with samples.', { code: 'generator-failed' });
  }
  const plan = await planSplit(promptsOf(path('clean.jsonl')), { devShare, seed, signal });
  await makeFolder(path('dataset'));
  const [train, dev] = [false, true].map((isDev) => partOf(path('clean.jsonl'), (index) => plan.isDev(index) === isDev));
  await writeRecords(path('dataset/train.jsonl'), train ?? []);
  await writeRecords(path('dataset/dev.jsonl'), dev ?? []);
  const card = datasetCard({ settings, stages, filters: report.map(withoutSamples), split: { train: plan.size - plan.devSize, dev: plan.devSize } });
  await writeText(path('dataset/README.md'), formatDatasetCard(card));
  await writeText(path('dataset/card.json'), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

/** In a function of its own, so that the signatures of the filters are gone when those of the split are made. */
async function clean({ settings, path, signal }: FinishOptions): Promise<{ readonly kept: number; readonly report: readonly FilterReport[] }> {
  const { criterion, filters } = settings;
  const cleaned = cleanTriples(readRecords(path('triples.jsonl'), tripleSchema), { filters, criterion, keepSamples: true, signal });
  const kept = await writeRecords(path('clean.jsonl'), cleaned.records);
  const { report } = cleaned;
  await writeText(path('filters.json'), `${JSON.stringify(report, null, 2)}\n`);
  return { kept, report };
}

function withoutSamples({ samples: _texts, ...report }: FilterReport): FilterReport {
  return report;
}

async function* promptsOf(path: string): AsyncGenerator<string> {
  for await (const { prompt } of readRecords(path, tripleSchema)) yield prompt;
}

async function* partOf(path: string, isWanted: (index: number) => boolean): AsyncGenerator<Triple> {
  let index = 0;
  for await (const record of readRecords(path, tripleSchema)) if (isWanted(index++)) yield record;
}
