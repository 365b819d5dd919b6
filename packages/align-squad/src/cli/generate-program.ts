import type { Command } from 'commander';
import { runGenerate, runGenerateStatus } from './generate-command.js';
import type { RawGenerateOptions } from './generate-options.js';
import type { RawExecutorOptions } from './executor-options.js';
import type { CliIo } from './io.js';
import { runGenerateWorker } from './worker-command.js';

/** Runs a command and keeps its exit code. */
export type Runner = (run: () => Promise<number>) => Promise<void>;

/** Adds `generate` and the commands below it. */
export function addGenerateCommands(program: Command, io: CliIo, runner: Runner): void {
  const generate = program
    .command('generate')
    .description('make a dataset for a criterion with a prompted LLM; a stopped run goes on')
    .enablePositionalOptions();
  addRunOptions(generate);
  addExecutorOptions(generate)
    .option('--json', 'print each event as one line of JSON')
    .action((raw: RawGenerateOptions) => runner(() => runGenerate(raw, io)));
  generate
    .command('status')
    .description('tell how far a run is')
    .option('--dir <folder>', 'folder of the run')
    .option('--json', 'print it as one line of JSON')
    .action((_raw: object, command: Command) => runner(() => runGenerateStatus(command.optsWithGlobals<RawGenerateOptions>(), io)));
  const worker = generate.command('worker').description('answer the requests of runs with --executor queue until it is stopped; one on each machine');
  addQueueOptions(worker);
  addServerOptions(worker)
    .option('--model <name>', 'the model that --price-input and --price-output are of')
    .option('--weak-model <name>', 'the model that --weak-price-input and --weak-price-output are of')
    .action((raw: RawExecutorOptions) => runner(() => runGenerateWorker(raw, io)));
}

function addRunOptions(command: Command): Command {
  return command
    .option('--criterion <name>', 'ethical, factual, helpful, or a criterion file')
    .option('--count <n>', 'questions to make triples of; cleaning leaves fewer')
    .option('--dir <folder>', 'folder of the run; the dataset is in its folder `dataset`')
    .option('--model <name>', 'the model, as the server knows it')
    .option('--weak-model <name>', 'writes the responses with --format two-models')
    .option('--format <name>', 'structured, paper or two-models (default: structured)')
    .option('--topics <n>', 'topics a question type (default: a fifth of its questions)')
    .option('--identity-share <x>', 'share of aligned responses that are to stay (default: 0.2)')
    .option('--adversarial-share <x>', 'share of questions that tempt to misaligned answers (default: 0.2)')
    .option('--dev-share <x>', 'share of the prompts that is held out (default: 0.1)')
    .option('--filters <names>', 'cleaning filters with commas between (default: those of the criterion)')
    .option('--seed <n>', 'the same seed gives the same requests (default: 1)')
    .option('--license <name>', 'license of the dataset for its card, such as cc-by-4.0 (default: none is chosen)')
    .option('--resume', 'only go on with a run that is there');
}

function addExecutorOptions(command: Command): Command {
  command.option('--executor <name>', 'online; batch: files for a batch service, by its API with --base-url; or queue: for workers on several machines (default: online)');
  addQueueOptions(command);
  return addServerOptions(command).option('--currency <name>', 'what prices are counted in (default: USD)');
}

function addQueueOptions(command: Command): Command {
  return command
    .option('--redis <url>', 'Redis of the queue, redis:// or rediss:// (default: REDIS_URL, where a password is not seen)')
    .option('--queue <name>', 'name of the queue (default: align-squad)');
}

function addServerOptions(command: Command): Command {
  return command
    .option('--base-url <url>', 'base of an OpenAI-compatible API; its key is in OPENAI_API_KEY')
    .option('--concurrency <n>', 'most requests at once (default: 16)')
    .option('--max-tokens-field <name>', 'max_tokens or max_completion_tokens (default: max_tokens, and the other one where an online server refuses it)')
    .option('--budget-tokens <n>', 'stop before this command spends more tokens')
    .option('--budget-money <x>', 'stop before this command spends more money; needs prices')
    .option('--price-input <x>', 'what a million tokens of prompts cost, to tell what the run costs')
    .option('--price-output <x>', 'what a million tokens of answers cost')
    .option('--weak-price-input <x>', 'the same of --weak-model')
    .option('--weak-price-output <x>', 'the same of --weak-model');
}
