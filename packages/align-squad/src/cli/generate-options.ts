import { readFile } from 'node:fs/promises';
import { AlignSquadError, builtInCriteria, parseCriterion, type Criterion } from '@align-squad/core';
import type { OnlineExecutorOptions, RunSettings } from '@align-squad/datagen';

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
  const directory = required(raw.dir, '--dir');
  const settings = {
    criterion: await readCriterion(required(raw.criterion, '--criterion')),
    count: toNumber('--count', required(raw.count, '--count')),
    model: required(raw.model, '--model'),
    weakModel: raw.weakModel,
    format: raw.format,
    topics: toNumber('--topics', raw.topics),
    identityShare: toNumber('--identity-share', raw.identityShare),
    adversarialShare: toNumber('--adversarial-share', raw.adversarialShare),
    devShare: toNumber('--dev-share', raw.devShare),
    filters: raw.filters?.split(',').map((name) => name.trim()),
    seed: toNumber('--seed', raw.seed),
  };
  // `resolveRunSettings` checks the rest and names what is wrong.
  return { directory, settings: settings as unknown as RunSettings, executor: readExecutor(raw, env['OPENAI_API_KEY']) };
}

function readExecutor(raw: RawGenerateOptions, apiKey: string | undefined): ExecutorChoice {
  const { executor = 'online', baseUrl } = raw;
  const key = apiKey === undefined || apiKey === '' ? {} : { apiKey };
  if (executor === 'batch') return { kind: 'batch', ...(baseUrl === undefined ? {} : { baseUrl }), ...key };
  if (executor !== 'online') throw invalid('Expected `--executor` to be online or batch.');
  const tokens = toNumber('--budget-tokens', raw.budgetTokens);
  const concurrency = toNumber('--concurrency', raw.concurrency);
  return {
    kind: 'online',
    options: {
      baseUrl: required(baseUrl, '--base-url'),
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
  let content: unknown;
  try {
    content = JSON.parse(await readFile(value, 'utf8'));
  } catch (error) {
    const names = Object.keys(builtInCriteria).join(', ');
    throw new AlignSquadError(`Expected \`--criterion\` to be ${names}, or a file that can be read as JSON.`, { code: 'invalid-options', cause: error });
  }
  return parseCriterion(content);
}

/** The folder of a run. @throws AlignSquadError `invalid-options` when it is missing. */
export function required(value: string | undefined, option: string): string {
  if (value !== undefined && value.trim() !== '') return value;
  throw invalid(`Expected the option \`${option}\`.`);
}

function toNumber(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw invalid(`Expected \`${option}\` to be a number.`);
  return number;
}

function invalid(message: string): AlignSquadError {
  return new AlignSquadError(message, { code: 'invalid-options' });
}
