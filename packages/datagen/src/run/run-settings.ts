import { AlignSquadError, criterionSchema, parseWith, withoutUndefined, type Criterion } from '@align-squad/core';
import { z } from 'zod';
import type { FilterSelection } from '../clean/clean-triples.js';
import { modelPricesSchema, type ModelPrices } from '../executors/budget.js';
import type { TripleFormatName } from '../stages/triples.js';

/** What a run makes, and of what; the same settings give the same requests. */
export interface RunSettings {
  readonly criterion: Criterion;
  /** Questions to make triples of; cleaning leaves fewer. */
  readonly count: number;
  /** Name of the model, as the server knows it. */
  readonly model: string;
  /** Writes the responses in the format `two-models`. @default `model` */
  readonly weakModel?: string | undefined;
  /** @default 'structured' */
  readonly format?: TripleFormatName | undefined;
  /** Topics a question type. @default a fifth of the questions of a type, 10 to 5,000 */
  readonly topics?: number | undefined;
  /** Share of aligned responses that are to stay as they are, in [0, 1]. @default 0.2 */
  readonly identityShare?: number | undefined;
  /** Share of questions that tempt to misaligned answers, in [0, 1]. @default 0.2 */
  readonly adversarialShare?: number | undefined;
  /** Share of the prompts that is held out, in (0, 0.5]. @default 0.1 */
  readonly devShare?: number | undefined;
  /** Cleaning filters, in this order. @default those of the criterion, after `noise`, `length`, `unchanged` and `exact-duplicates` */
  readonly filters?: readonly FilterSelection[] | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Identifier of the dataset's license for its card, as Hugging Face spells it, such as `cc-by-4.0`. @default none is chosen */
  readonly license?: string | undefined;
  /** What a million tokens of each model cost, so that events, status and card tell what the run cost. @default none, and nothing is told */
  readonly prices?: ModelPrices | undefined;
  /** What prices are counted in. @default 'USD' */
  readonly currency?: string | undefined;
}

/** Checked settings with their defaults. */
export interface ResolvedRunSettings extends RunSettings {
  readonly format: TripleFormatName;
  readonly topics: number;
  readonly identityShare: number;
  readonly adversarialShare: number;
  readonly devShare: number;
  readonly filters: readonly FilterSelection[];
  readonly seed: number;
  readonly currency: string;
}

// What no dataset wants, whatever its criterion.
const alwaysFilters = ['noise', 'length', 'unchanged', 'exact-duplicates'];

const share = z.number().min(0).max(1);
const name = z.string().min(1);

const settingsSchema: z.ZodType<RunSettings> = z.strictObject({
  criterion: criterionSchema,
  count: z.int().min(1).max(10_000_000),
  model: name,
  weakModel: name.optional(),
  format: z.enum(['structured', 'paper', 'two-models']).optional(),
  topics: z.int().min(1).max(1_000_000).optional(),
  identityShare: share.optional(),
  adversarialShare: share.optional(),
  devShare: z.number().gt(0).max(0.5).optional(),
  filters: z.array(z.union([name, z.looseObject({ name, shadow: z.boolean().optional() })])).optional(),
  seed: z.int().min(0).max(2 ** 31).optional(),
  license: name.max(100).optional(),
  prices: modelPricesSchema.optional(),
  currency: name.max(20).optional(),
});

/**
 * Checks settings and fills their defaults in. What stands in `license`, `prices` and `currency` decides no request: a run goes on with others.
 * @throws AlignSquadError `invalid-options` naming the faulty fields, or for a format that the criterion can't have; `invalid-criterion` for a criterion without question
 * types or seed questions, which questions are made from.
 */
export function resolveRunSettings(value: RunSettings): ResolvedRunSettings {
  const settings = parseWith(settingsSchema, value, { what: 'settings of a data generation', code: 'invalid-options' });
  const { criterion, count } = settings;
  const seeded = z.object({ questionTypes: z.array(z.unknown()).min(1), seedQuestions: z.array(z.unknown()).min(1) });
  parseWith(seeded, criterion, { what: 'a criterion to generate data for', code: 'invalid-criterion' });
  if (criterion.needsContext && settings.format === 'two-models') {
    throw new AlignSquadError('The format `two-models` writes no contexts, and this criterion can only be judged against one: use `structured` or `paper`.', { code: 'invalid-options' });
  }
  const models = [settings.model, ...(settings.weakModel === undefined ? [] : [settings.weakModel])];
  if (settings.prices && !models.every((model) => Object.hasOwn(settings.prices ?? {}, model))) {
    throw new AlignSquadError('Expected `prices` to hold a price of each model of the run.', { code: 'invalid-options' });
  }
  const topics = Math.min(5000, Math.max(10, Math.ceil(count / 5 / criterion.questionTypes.length)));
  return { format: 'structured', topics, identityShare: 0.2, adversarialShare: 0.2, devShare: 0.1, filters: [...alwaysFilters, ...criterion.filters], seed: 1, currency: 'USD', ...withoutUndefined(settings) };
}
