import { builtInCriteria, parseCriterion, type Criterion } from '@align-squad/core';
import type { OnlineExecutorOptions, RunSettings } from '@align-squad/datagen';
import { invalidOption, numberOption, readJsonOption, requiredOption } from './option-values.js';

/** Options of `generate` as the command line gives them: texts, not yet checked. */
export interface RawGenerateOptions {
  readonly criterion?: string | undefined;
  readonly count?: string | undefined;
  readonly dir?: string | undefined;
  readonly executor?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly model?: string | undefined;
  readonly weakModel?: string | undefined;
  readonly format?: string | undefined;
  readonly topics?: string | undefined;
  readonly identityShare?: string | undefined;
  readonly adversarialShare?: string | undefined;
  readonly devShare?: string | undefined;
  readonly filters?: string | undefined;
  readonly seed?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly budgetTokens?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Which executor asks, and what it is made with. */
export type ExecutorChoice =
  | { readonly kind: 'online'; readonly options: OnlineExecutorOptions }
  | { readonly kind: 'batch'; readonly baseUrl?: string | undefined; readonly apiKey?: string | undefined };

/** What `generate` runs with. */
export interface GenerateRequest {
  readonly directory: string;
  /** Checked by `generateDataset`. */
  readonly settings: RunSettings;
  readonly executor: ExecutorChoice;
}

/**
 * Reads the options of `generate`; the key comes from `OPENAI_API_KEY` and never from an option, which other processes see.
 * @throws AlignSquadError `invalid-options` naming the option, `invalid-criterion` naming the fields of the file.
 */
export async function readGenerateOptions(raw: RawGenerateOptions, env: Readonly<Record<string, string | undefined>>): Promise<GenerateRequest> {
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
  };
  // `resolveRunSettings` checks the rest and names what is wrong.
  return { directory, settings: settings as unknown as RunSettings, executor: readExecutor(raw, env['OPENAI_API_KEY']) };
}

function readExecutor(raw: RawGenerateOptions, apiKey: string | undefined): ExecutorChoice {
  const { executor = 'online', baseUrl } = raw;
  const key = apiKey === undefined || apiKey === '' ? {} : { apiKey };
  if (executor === 'batch') return { kind: 'batch', ...(baseUrl === undefined ? {} : { baseUrl }), ...key };
  if (executor !== 'online') throw invalidOption('Expected `--executor` to be online or batch.');
  const tokens = numberOption('--budget-tokens', raw.budgetTokens);
  const concurrency = numberOption('--concurrency', raw.concurrency);
  return {
    kind: 'online',
    options: {
      baseUrl: requiredOption(baseUrl, '--base-url'),
      ...key,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(tokens === undefined ? {} : { budget: { tokens } }),
    },
  };
}

/** A built-in criterion by name, or one from a file. */
async function readCriterion(value: string): Promise<Criterion> {
  const builtIn = Object.values(builtInCriteria).find(({ id }) => id === value);
  if (builtIn !== undefined) return builtIn;
  return parseCriterion(await readJsonOption(value, '--criterion'));
}
