import { dirname, resolve } from 'node:path';
import { builtInCriteria, parseCriterion, withoutUndefined } from '@align-squad/core';
import type { TrainConfig } from '@align-squad/train';
import { invalidOption, numberOption, readJsonOption } from './option-values.js';

/** Options of `train` as the command line gives them: texts, not yet checked. */
export interface RawTrainOptions {
  readonly config?: string | undefined;
  readonly data?: readonly string[] | undefined;
  readonly dev?: readonly string[] | undefined;
  readonly criterion?: readonly string[] | undefined;
  readonly base?: string | undefined;
  readonly method?: string | undefined;
  readonly out?: string | undefined;
  readonly design?: string | undefined;
  readonly objective?: string | undefined;
  readonly epochs?: string | undefined;
  readonly learningRate?: string | undefined;
  readonly batchTokens?: string | undefined;
  readonly seed?: string | undefined;
  readonly threads?: string | undefined;
  readonly license?: string | undefined;
  readonly restart?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** A configuration before its check; `resolveTrainConfig` refuses what is wrong in it. */
export type UncheckedTrainConfig = Readonly<Record<string, unknown>> & Pick<TrainConfig, 'task'>;

/** Name of the base that stands for the embedded pack. */
export const defaultBase = 'default';

/**
 * The configuration of `--config`, with the options laid over it. Paths in a configuration file are relative to it.
 * @throws AlignSquadError `invalid-options` naming the option, `invalid-criterion` for a file that holds none.
 */
export async function readTrainConfig(task: TrainConfig['task'], raw: RawTrainOptions, defaultPack: () => Promise<string>): Promise<UncheckedTrainConfig> {
  const file = raw.config === undefined ? {} : await readConfigFile(raw.config);
  if (file['task'] !== undefined && file['task'] !== task) {
    throw invalidOption('Expected the `task` of the file of `--config` to be that of the command.');
  }
  const base = raw.base ?? file['base'];
  const aligner = withoutUndefined({ design: raw.design, objective: raw.objective });
  const given = withoutUndefined({
    data: raw.data,
    dev: raw.dev,
    criteria: raw.criterion === undefined ? undefined : await Promise.all(raw.criterion.map(toCriterion)),
    base: base === defaultBase ? await defaultPack() : base,
    method: raw.method,
    out: raw.out,
    epochs: numberOption('--epochs', raw.epochs),
    learningRate: numberOption('--learning-rate', raw.learningRate),
    batchTokens: numberOption('--batch-tokens', raw.batchTokens),
    seed: numberOption('--seed', raw.seed),
    threads: numberOption('--threads', raw.threads),
    pack: raw.license === undefined ? undefined : { ...toRecord(file['pack']), license: raw.license },
    aligner: Object.keys(aligner).length === 0 ? undefined : { ...toRecord(file['aligner']), ...aligner },
    restart: raw.restart,
  });
  const config = { ...file, ...given, task };
  requireOption(config, 'data', '`--data FILE`');
  requireOption(config, 'criteria', '`--criterion NAME` or `--criterion FILE`');
  requireOption(config, 'out', '`--out FOLDER`');
  return config;
}

function requireOption(config: Readonly<Record<string, unknown>>, key: string, option: string): void {
  if (config[key] === undefined) throw invalidOption(`Expected ${option}, or \`${key}\` in the file of \`--config\`.`);
}

async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const config = toRecord(await readJsonOption(path, '--config'));
  const folder = dirname(resolve(path));
  const toPath = (value: unknown): unknown => (typeof value === 'string' ? resolve(folder, value) : value);
  const toPaths = (value: unknown): unknown => (Array.isArray(value) ? value.map(toPath) : value);
  const toExpert = (value: unknown): unknown => ({ ...toRecord(value), data: toPaths(toRecord(value)['data']) });
  const toExperts = (value: unknown): unknown => (Array.isArray(value) ? value.map(toExpert) : value);
  const inspector = toRecord(config['inspector']);
  const isFolder = typeof config['base'] === 'string' && ![defaultBase, 'scratch'].includes(config['base']);
  return withoutUndefined({
    ...config,
    data: toPaths(config['data']),
    dev: toPaths(config['dev']),
    out: toPath(config['out']),
    base: isFolder ? toPath(config['base']) : config['base'],
    inspector: config['inspector'] === undefined ? undefined : withoutUndefined({
      ...inspector,
      ngramData: toPaths(inspector['ngramData']),
      tokenizerTexts: toPaths(inspector['tokenizerTexts']),
      experts: toExperts(inspector['experts']),
    }),
  });
}

/** A built-in name, the name of a criterion of the caller's own, or a criterion file. */
async function toCriterion(value: string): Promise<{ id: string; needsContext: boolean }> {
  const builtIn = Object.values(builtInCriteria).find(({ id }) => id === value);
  if (builtIn !== undefined) return { id: builtIn.id, needsContext: builtIn.needsContext };
  if (/^[a-z][a-z0-9-]*$/.test(value)) return { id: value, needsContext: false };
  const { id, needsContext } = parseCriterion(await readJsonOption(value, '--criterion'));
  return { id, needsContext };
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  // An object of any fields; the schema of the configuration checks them.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
