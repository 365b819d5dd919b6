import { basename } from 'node:path';
import { builtInCriteria, criterionSchema, parseWith, type Criterion } from '@align-squad/core';
import type { RunSettings } from '@align-squad/datagen';
import { readExecutor, readPrices, type Environment, type ExecutorChoice, type RawExecutorOptions } from './executor-options.js';
import { numberOption, readJsonOption, requiredOption } from './option-values.js';

/** Options of `generate` as the command line gives them: texts, not yet checked. */
export interface RawGenerateOptions extends RawExecutorOptions {
  readonly criterion?: string | undefined;
  readonly count?: string | undefined;
  readonly dir?: string | undefined;
  readonly format?: string | undefined;
  readonly topics?: string | undefined;
  readonly identityShare?: string | undefined;
  readonly adversarialShare?: string | undefined;
  readonly devShare?: string | undefined;
  readonly filters?: string | undefined;
  readonly seed?: string | undefined;
  readonly currency?: string | undefined;
  readonly license?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What `generate` runs with. */
export interface GenerateRequest {
  readonly directory: string;
  /** Checked by `generateDataset`. */
  readonly settings: RunSettings;
  readonly executor: ExecutorChoice;
}

/**
 * Reads the options of `generate`.
 * @throws AlignSquadError `invalid-options` naming the option, `invalid-criterion` naming the file and its fields.
 */
export async function readGenerateOptions(raw: RawGenerateOptions, env: Environment): Promise<GenerateRequest> {
  const directory = requiredOption(raw.dir, '--dir');
  const settings = {
    criterion: await readCriterion(requiredOption(raw.criterion, '--criterion')),
    count: numberOption('--count', requiredOption(raw.count, '--count')),
    model: requiredOption(raw.model, '--model'),
    weakModel: raw.weakModel,
    format: raw.format,
    topics: numberOption('--topics', raw.topics),
    identityShare: numberOption('--identity-share', raw.identityShare),
    adversarialShare: numberOption('--adversarial-share', raw.adversarialShare),
    devShare: numberOption('--dev-share', raw.devShare),
    filters: raw.filters?.split(',').map((name) => name.trim()),
    seed: numberOption('--seed', raw.seed),
    license: raw.license,
    prices: readPrices(raw),
    currency: raw.currency,
  };
  // `resolveRunSettings` checks the rest and names what is wrong.
  return { directory, settings: settings as unknown as RunSettings, executor: readExecutor(raw, env) };
}

/** A built-in criterion by name, or one from a file. */
async function readCriterion(value: string): Promise<Criterion> {
  const builtIn = Object.values(builtInCriteria).find(({ id }) => id === value);
  if (builtIn !== undefined) return builtIn;
  const content = await readJsonOption(value, '--criterion');
  return parseWith(criterionSchema, content, { what: `the file ${basename(value)} to be a criterion`, code: 'invalid-criterion' });
}
