import { AlignSquadError } from '@align-squad/core';
import { Command, CommanderError } from 'commander';
import { runAlign } from './align-command.js';
import { addDeltaCommand } from './delta-program.js';
import { runExport, type RawExportOptions } from './export-command.js';
import { addEvalCommands } from './eval-program.js';
import { systemCode } from './files.js';
import { addGenerateCommands, type Runner } from './generate-program.js';
import { runInspect } from './inspect-command.js';
import type { CliIo } from './io.js';
import { addJudgeCommands } from './judge-program.js';
import type { RawOptions } from './options.js';
import { addServeCommand } from './serve-program.js';
import { runTrain } from './train-command.js';
import type { RawTrainOptions } from './train-options.js';
import { visible } from './visible.js';
import { isBrokenPipe } from './writer.js';

const signalExitCodes: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Runs the command line and gives the exit code: 0, 1 when something failed, 2 for wrong usage, 128 + n when stopped by
 * signal n. A reader that leaves stdout ends it quietly.
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  let exitCode = 0;
  const program = createProgram(io, async (run) => {
    exitCode = await run();
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, io);
  }
}

function createProgram(io: CliIo, runner: Runner): Command {
  const program = new Command('align-squad')
    .description("Make an LLM's answers ethical, factual and helpful with small local models.")
    .version(io.version)
    // What stands after a command belongs to it, so that `generate worker` has options of its own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined, // explain() says it without the user's text
    });
  const align = program.command('align').description('rewrite answers that are flagged');
  addSharedOptions(align)
    .option('--on-unfixed <policy>', 'what to give for a text that still does not pass: keep, block or throw (default: keep)')
    .option('--block-message <text>', 'the text given instead with --on-unfixed block')
    .action((raw: RawOptions) => runner(() => runAlign(raw, io)));
  const inspect = program.command('inspect').description('judge answers without rewriting them');
  addSharedOptions(inspect).action((raw: RawOptions) => runner(() => runInspect(raw, io)));
  const train = program.command('train <inspector|aligner>').description('train a pack from a dataset, on this machine');
  addTrainOptions(train).action((task: string, raw: RawTrainOptions) => runner(() => runTrain(task, raw, io)));
  const exporting = program.command('export').description('write a dataset in the format of another trainer, or of tables');
  addExportOptions(exporting).action((raw: RawExportOptions) => runner(() => runExport(raw, io)));
  addGenerateCommands(program, io, runner);
  addDeltaCommand(program, io, runner);
  addEvalCommands(program, io, runner);
  addJudgeCommands(program, io, runner);
  addServeCommand(program, io, runner);
  return program;
}

function addSharedOptions(command: Command): Command {
  return command
    .option('--prompt <text>', 'what the answer replies to')
    .option('--context <text>', 'what the answer must be grounded in')
    .option('--response <text>', 'the answer')
    .option('--input <file>', 'JSON lines {"id"?, "prompt"?, "context"?, "response"}; - for stdin')
    .option('--output <file>', 'where the JSON lines of results go; - for stdout (default: -)')
    .option('--criteria <ids>', 'criteria with commas between (default: all that the pack serves)')
    .option('--threshold <pair...>', 'flag a criterion from this P(misaligned) on, as in ethical=0.6')
    .option('--deadline-ms <n>', 'milliseconds that one answer may take')
    .option('--pack <folder...>', 'folders of other packs, asked in that order; `default` is the embedded one (default: default)')
    .option('--json', 'print the result as one line of JSON');
}

function addTrainOptions(command: Command): Command {
  return command
    .option('--data <file...>', 'JSON lines of labelled records or triples, plain or gzipped')
    .option('--dev <file...>', 'held-out records (default: a share of the prompts of --data)')
    .option('--criterion <name...>', 'what to train for: a name, or a criterion file; several share one inspector')
    .option('--base <pack>', 'folder of a pack or an exported model, default for the embedded pack, or scratch (default: scratch)')
    .option('--method <name>', 'head, lora or full')
    .option('--out <folder>', 'folder of the new pack')
    .option('--design <name>', 'of an aligner: decoder, encoder-decoder or edit-tagger (default: decoder)')
    .option('--objective <name>', 'of an aligner: correction or preference (default: correction)')
    .option('--epochs <n>', 'passes over the data')
    .option('--learning-rate <x>', 'highest learning rate of the schedule')
    .option('--batch-tokens <n>', 'tokens of a batch, padding included (default: 2048)')
    .option('--seed <n>', 'the same seed and data give the same weights (default: 1)')
    .option('--threads <n>', 'threads of the runtime (default: 1)')
    .option('--license <spdx>', 'licence of the pack (default: UNLICENSED)')
    .option('--config <file>', 'JSON file with these and finer settings; options win over it')
    .option('--restart', 'throw away what an earlier run with this output folder left')
    .option('--json', 'print each event as one line of JSON');
}

function addExportOptions(command: Command): Command {
  return command
    .option('--data <file...>', 'JSON lines of corrections or triples, plain or gzipped')
    .option('--dir <folder>', 'folder of a finished run of `generate`, for csv and parquet')
    .option('--format <name>', 'sft-chat or preference for chats, trl-sft or trl-preference for plain text, csv or parquet for tables')
    .option('--out <path>', 'file of JSON lines to write; for csv and parquet a folder, for train and dev')
    .option('--json', 'print the counts as one line of JSON');
}

function explain(error: unknown, io: CliIo): number {
  if (io.signal.aborted) return signalExitCodes[String(io.signal.reason)] ?? 1;
  if (isBrokenPipe(error)) return 0;
  if (error instanceof CommanderError) return explainUsage(error, io);
  if (!AlignSquadError.isInstance(error)) {
    const name = error instanceof Error ? error.name : typeof error;
    return report(io, 'unexpected', `align-squad failed with a ${name} (${systemCode(error)}).`, 1);
  }
  return report(io, error.code, error.message, error.code === 'invalid-options' ? 2 : 1);
}

/** Messages of commander may hold what the user typed, so only those that can't are passed on. */
function explainUsage(error: CommanderError, io: CliIo): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') return 2;
  const messages: Readonly<Record<string, string>> = {
    'commander.unknownCommand': 'Expected the command `align`, `inspect`, `train`, `export`, `generate`, `delta`, `eval`, `calibrate`, `judge` or `serve`.',
    'commander.excessArguments': 'Expected only options after the command; quote a text that holds spaces.',
    'commander.optionMissingArgument': error.message.replace(/^error: /, ''),
    'commander.unknownOption': `Got an unknown option.${/\(Did you mean [^)]*\)/.exec(error.message)?.[0].replace(/^/, ' ') ?? ''}`,
  };
  const message = messages[error.code] ?? 'The options could not be read.';
  return report(io, 'invalid-options', `${message} See \`align-squad --help\`.`, 2);
}

function report(io: CliIo, code: string, message: string, exitCode: number): number {
  io.stderr.write(`error [${code}]: ${visible(message).replaceAll('\n', ' ')}\n`);
  return exitCode;
}
