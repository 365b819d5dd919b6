import type { Command } from 'commander';
import type { Runner } from './generate-program.js';
import type { CliIo } from './io.js';
import { runJudge, runJudgeExport, runJudgeMerge, type RawJudgeExportOptions, type RawJudgeMergeOptions, type RawJudgeRunOptions } from './judge-command.js';

/** Adds `judge` and the commands below it. */
export function addJudgeCommands(program: Command, io: CliIo, runner: Runner): void {
  const judge = program.command('judge').description('compare original and aligned answers, by an LLM or by people');
  addDataOptions(judge.command('run').description('ask an LLM which answer of each pair is better, in both orders'))
    .option('--base-url <url>', 'base of an OpenAI-compatible API; its key is in OPENAI_API_KEY')
    .option('--model <name>', 'the model, as the server knows it')
    .option('--concurrency <n>', 'pairs asked about at once (default: 4)')
    .option('--max-tokens-field <name>', 'max_tokens or max_completion_tokens (default: max_tokens)')
    .option('--one-order', 'ask in one order only, at half the cost; which answer comes first is drawn')
    .option('--output <file>', 'JSON lines of decisions, which hold the reasons of the model, as they come')
    .option('--json', 'print the result as one line of JSON')
    .action((raw: RawJudgeRunOptions) => runner(() => runJudge(raw, io)));
  addDataOptions(judge.command('export').description('write a blind sheet for people or for another judge'))
    .option('--out <file>', 'JSON lines {"id", "prompt"?, "context"?, "criterion"?, "a", "b"} to write')
    .option('--key <file>', 'which side is which, for merge and not for the judge (default: beside --out, as .key.json)')
    .option('--html <file>', 'also write the sheet as a page for people')
    .option('--json', 'print the counts as one line of JSON')
    .action((raw: RawJudgeExportOptions) => runner(() => runJudgeExport(raw, io)));
  judge
    .command('merge')
    .description('count the answers to a blind sheet')
    .option('--requests <file>', 'the sheet')
    .option('--key <file>', 'its key')
    .option('--answers <file...>', 'JSON lines {"id", "choice": "a" | "b" | "tie", "annotator"?, "note"?}; a file an annotator')
    .option('--json', 'print the result as one line of JSON')
    .action((raw: RawJudgeMergeOptions) => runner(() => runJudgeMerge(raw, io)));
}

function addDataOptions(command: Command): Command {
  return command
    .option('--data <file>', 'JSON lines that `align` wrote, or with original and aligned')
    .option('--exchanges <file>', 'what `align --input` read, for prompts and contexts by id')
    .option('--criterion <file...>', 'criterion files, for criteria that are not built in')
    .option('--sample <n>', 'so many pairs, drawn from those that differ (default: all)')
    .option('--seed <n>', 'of samples, orders and sides (default: 1)');
}
