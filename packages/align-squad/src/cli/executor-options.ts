import type { MaxTokensField, ModelPrices, OnlineExecutorOptions } from '@align-squad/datagen';
import { invalidOption, numberOption, requiredOption } from './option-values.js';

/** Options of who asks, and of what that costs, as the command line gives them: texts, not yet checked. */
export interface RawExecutorOptions {
  readonly executor?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly redis?: string | undefined;
  readonly queue?: string | undefined;
  readonly model?: string | undefined;
  readonly weakModel?: string | undefined;
  readonly concurrency?: string | undefined;
  readonly maxTokensField?: string | undefined;
  readonly budgetTokens?: string | undefined;
  readonly budgetMoney?: string | undefined;
  readonly priceInput?: string | undefined;
  readonly priceOutput?: string | undefined;
  readonly weakPriceInput?: string | undefined;
  readonly weakPriceOutput?: string | undefined;
}

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A queue in Redis. */
export interface QueueChoice {
  readonly redisUrl: string;
  readonly queue: string;
}

/** Which executor asks, and what it is made with; checked by the executor. */
export type ExecutorChoice =
  | { readonly kind: 'online'; readonly options: OnlineExecutorOptions }
  | { readonly kind: 'batch'; readonly baseUrl?: string | undefined; readonly apiKey?: string | undefined; readonly maxTokensField?: MaxTokensField | undefined }
  | ({ readonly kind: 'queue' } & QueueChoice);

const defaultQueue = 'align-squad';

const optionNames = {
  baseUrl: '--base-url',
  redis: '--redis',
  queue: '--queue',
  concurrency: '--concurrency',
  maxTokensField: '--max-tokens-field',
  budgetTokens: '--budget-tokens',
  budgetMoney: '--budget-money',
} as const satisfies Partial<Record<keyof RawExecutorOptions, string>>;

// What would be of no effect is refused: a budget that is not kept costs money.
const unused: Readonly<Record<ExecutorChoice['kind'], readonly (keyof typeof optionNames)[]>> = {
  online: ['redis', 'queue'],
  batch: ['redis', 'queue', 'concurrency', 'budgetTokens', 'budgetMoney'],
  queue: ['baseUrl', 'concurrency', 'maxTokensField', 'budgetTokens', 'budgetMoney'],
};

/**
 * Reads which executor asks.
 * @throws AlignSquadError `invalid-options` naming the option that is missing, wrong or of no use with this executor.
 */
export function readExecutor(raw: RawExecutorOptions, env: Environment): ExecutorChoice {
  const { executor = 'online' } = raw;
  if (executor !== 'online' && executor !== 'batch' && executor !== 'queue') throw invalidOption('Expected `--executor` to be online, batch or queue.');
  for (const name of unused[executor]) {
    if (raw[name] === undefined) continue;
    const hint = executor === 'queue' ? '; give it to `align-squad generate worker`' : '';
    throw invalidOption(`Expected no \`${optionNames[name]}\` with \`--executor ${executor}\`${hint}.`);
  }
  switch (executor) {
    case 'online':
      return { kind: 'online', options: readOnlineOptions(raw, env) };
    case 'batch':
      return { kind: 'batch', ...(raw.baseUrl === undefined ? {} : { baseUrl: raw.baseUrl }), ...readKey(env), ...readTokensField(raw) };
    case 'queue':
      return { kind: 'queue', ...readQueue(raw, env) };
    default:
      return executor satisfies never;
  }
}

/** Reads what asks a server; the key comes from `OPENAI_API_KEY` and never from an option, which other processes see. */
export function readOnlineOptions(raw: RawExecutorOptions, env: Environment): OnlineExecutorOptions {
  const concurrency = numberOption('--concurrency', raw.concurrency);
  const tokens = numberOption('--budget-tokens', raw.budgetTokens);
  const money = numberOption('--budget-money', raw.budgetMoney);
  const prices = readPrices(raw);
  if (money !== undefined && prices === undefined) throw invalidOption('Expected `--price-input` and `--price-output` beside `--budget-money`.');
  const budget = { ...(tokens === undefined ? {} : { tokens }), ...(money === undefined ? {} : { money, prices }) };
  return {
    baseUrl: requiredOption(raw.baseUrl, '--base-url'),
    ...readKey(env),
    ...readTokensField(raw),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
  };
}

/** Reads where the queue is: `--redis`, or `REDIS_URL`, where other processes do not see a password. */
export function readQueue({ redis, queue = defaultQueue }: RawExecutorOptions, env: Environment): QueueChoice {
  const redisUrl = redis ?? env['REDIS_URL'];
  if (redisUrl === undefined || redisUrl === '') throw invalidOption('Expected the option `--redis`, or the variable `REDIS_URL`.');
  return { redisUrl, queue };
}

/**
 * Reads the prices of the models.
 * @throws AlignSquadError `invalid-options` when a price or the model that it is of is missing.
 */
export function readPrices(raw: RawExecutorOptions): ModelPrices | undefined {
  const { model, weakModel } = raw;
  const strong = readPrice(raw.priceInput, raw.priceOutput, '--');
  const weak = readPrice(raw.weakPriceInput, raw.weakPriceOutput, '--weak-');
  if (strong === undefined && weak === undefined) return undefined;
  const isWeakOther = weakModel !== undefined && weakModel !== model;
  if (strong === undefined || isWeakOther !== (weak !== undefined)) {
    throw invalidOption('Expected a price of each model: `--price-input` and `--price-output`, and `--weak-price-input` and `--weak-price-output` beside `--weak-model`.');
  }
  return { [requiredOption(model, '--model')]: strong, ...(isWeakOther && weak ? { [weakModel]: weak } : {}) };
}

function readPrice(input: string | undefined, output: string | undefined, prefix: '--' | '--weak-'): ModelPrices[string] | undefined {
  const price = { input: numberOption(`${prefix}price-input`, input), output: numberOption(`${prefix}price-output`, output) };
  if (price.input === undefined && price.output === undefined) return undefined;
  if (price.input === undefined || price.output === undefined) throw invalidOption(`Expected \`${prefix}price-input\` and \`${prefix}price-output\` together.`);
  return { input: price.input, output: price.output };
}

function readKey(env: Environment): { readonly apiKey?: string } {
  const apiKey = env['OPENAI_API_KEY'];
  return apiKey === undefined || apiKey === '' ? {} : { apiKey };
}

function readTokensField({ maxTokensField }: RawExecutorOptions): { readonly maxTokensField?: MaxTokensField } {
  if (maxTokensField === undefined) return {};
  if (maxTokensField !== 'max_tokens' && maxTokensField !== 'max_completion_tokens') throw invalidOption('Expected `--max-tokens-field` to be max_tokens or max_completion_tokens.');
  return { maxTokensField };
}
