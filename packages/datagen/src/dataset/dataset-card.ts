import { createHash } from 'node:crypto';
import type { FilterReport } from '../clean/clean-triples.js';
import { sumSpending } from '../run/run-spending.js';
import type { ResolvedRunSettings } from '../run/run-settings.js';
import type { StageSpending } from '../run/stage-costs.js';

/** What a stage asked and got. */
export interface CardStage {
  readonly stage: string;
  readonly requests: number;
  /** Answers that gave records. */
  readonly usable: number;
  /** Answers that could not be read. */
  readonly rejected: number;
  /** Requests that the server refused for good. */
  readonly failed: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the answers cost that were kept, at the prices of the settings; what a run spent on lost ones differs from run to run. */
export interface CardCosts {
  readonly amount: number;
  /** What `amount` is counted in, such as `USD`. */
  readonly currency: string;
}

/** Where a dataset comes from and what is in it; nothing in it depends on when or how fast it was made. */
export interface DatasetCard {
  readonly schemaVersion: 1;
  /** Id of the criterion, and SHA-256 of its JSON. */
  readonly criterion: { readonly id: string; readonly sha256: string };
  readonly models: readonly string[];
  /** Format of the answers that triples were read from. */
  readonly format: string;
  readonly seed: number;
  readonly stages: readonly CardStage[];
  readonly filters: readonly Omit<FilterReport, 'examples' | 'samples'>[];
  readonly split: { readonly train: number; readonly dev: number };
  /** Name of the executor, when it was told. */
  readonly executor?: string | undefined;
  /** Absent when nobody told prices. */
  readonly costs?: CardCosts | undefined;
  /** Identifier of the license as Hugging Face spells it; absent when nobody chose one. */
  readonly license?: string | undefined;
}

/** What a card is made of. */
export interface CardParts {
  readonly settings: ResolvedRunSettings;
  readonly stages: readonly StageSpending[];
  readonly filters: readonly FilterReport[];
  readonly split: DatasetCard['split'];
  /** Names in the card what asked the model; a run that goes on with another one then ends with another card. */
  readonly executor?: { readonly name: string } | undefined;
}

/** The card of a finished dataset: the same parts give the same card, byte for byte, and it holds no text of records. */
export function datasetCard({ settings, stages, filters, split, executor }: CardParts): DatasetCard {
  const { criterion, model, weakModel, format, seed, license } = settings;
  const { cost, currency = '' } = sumSpending(stages, settings.currency);
  return {
    schemaVersion: 1,
    criterion: { id: criterion.id, sha256: createHash('sha256').update(JSON.stringify(criterion)).digest('hex') },
    models: [...new Set([model, ...(weakModel === undefined ? [] : [weakModel])])],
    format,
    seed,
    stages: stages.map(cardStage),
    filters: filters.map(({ name, description, kept, dropped, shadow }) => ({ name, description, kept, dropped, shadow })),
    split: { train: split.train, dev: split.dev },
    ...(executor && { executor: executor.name }),
    ...(cost !== undefined && { costs: { amount: cost, currency } }),
    ...(license !== undefined && { license }),
  };
}

function cardStage({ stage, requests, answered, rejected, failed, inputTokens, outputTokens }: StageSpending): CardStage {
  return { stage, requests, usable: answered - rejected, rejected, failed, inputTokens, outputTokens };
}
