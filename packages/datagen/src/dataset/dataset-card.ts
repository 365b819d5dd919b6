import { createHash } from 'node:crypto';
import type { FilterReport } from '../clean/clean-triples.js';
import type { StageProgress } from '../run/ask-stage.js';
import type { ResolvedRunSettings } from '../run/run-settings.js';

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

/** What the answers cost, as who made the dataset says. */
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
  /** Absent when nobody told them. */
  readonly costs?: CardCosts | undefined;
  /** Identifier of the license as Hugging Face spells it; absent when nobody chose one. */
  readonly license?: string | undefined;
}

/** What a card is made of. */
export interface CardParts {
  readonly settings: ResolvedRunSettings;
  readonly stages: readonly StageProgress[];
  readonly filters: readonly FilterReport[];
  readonly split: DatasetCard['split'];
  /** Names in the card what asked the model; a run that goes on with another one then ends with another card. */
  readonly executor?: { readonly name: string } | undefined;
  /** Costs of the answers that were kept; what a run spent on lost answers too differs from run to run. */
  readonly costs?: CardCosts | undefined;
  /** Such as `apache-2.0` or `cc-by-4.0`. */
  readonly license?: string | undefined;
}

/** The card of a finished dataset: the same parts give the same card, byte for byte, and it holds no text of records. */
export function datasetCard({ settings, stages, filters, split, executor, costs, license }: CardParts): DatasetCard {
  const { criterion, model, weakModel, format, seed } = settings;
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
    ...(costs && { costs: { amount: costs.amount, currency: costs.currency } }),
    ...(license !== undefined && { license }),
  };
}

function cardStage({ stage, requests, answered, rejected, failed, inputTokens, outputTokens }: StageProgress): CardStage {
  return { stage, requests, usable: answered - rejected, rejected, failed, inputTokens, outputTokens };
}
