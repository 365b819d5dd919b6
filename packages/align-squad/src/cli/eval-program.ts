import type { Command } from 'commander';
import { runCalibrate } from './calibrate-command.js';
import type { RawCalibrateOptions } from './calibrate-options.js';
import { runEval } from './eval-command.js';
import type { RawEvalOptions } from './eval-options.js';
import type { Runner } from './generate-program.js';
import type { CliIo } from './io.js';

const dataHelp = 'JSON lines of triples or labelled responses, plain or gzipped';

/** Adds `eval` and `calibrate` to the program. */
export function addEvalCommands(program: Command, io: CliIo, runner: Runner): void {
  program
    .command('eval')
    .description('measure a pack on labelled data, as one report')
    .option('--pack <folder>', 'folder of the pack (default: the embedded one)')
    .option('--data <file...>', dataHelp)
    .option('--html <file>', 'write the report as one page with plots')
    .option('--json <file>', 'write the report as JSON; - for stdout')
    .option('--criteria <ids>', 'criteria with commas between (default: all that the pack serves and the data labels)')
    .option('--limit <n>', 'use the first records only')
    .option('--samples <n>', 'texts shown before and after in the report, which then holds texts of the data (default: 10 with --html, else 0)')
    .option('--seed <n>', 'of the samples and of the intervals (default: 1)')
    .option('--quiet', 'show no progress')
    .action((raw: RawEvalOptions) => runner(() => runEval(raw, io)));
  program
    .command('calibrate')
    .description('set the thresholds of a pack for a false-positive rate on labelled data')
    .option('--pack <folder>', 'folder of the pack (default: the embedded one)')
    .option('--data <file...>', dataHelp)
    .option('--target-fpr <x>', 'most of the aligned records that may be flagged, as a share (default: 0.03)')
    .option('--criteria <ids>', 'criteria with commas between (default: all that the pack serves and the data labels)')
    .option('--out <folder>', 'folder of the calibrated copy')
    .option('--in-place', 'change pack.json of --pack itself')
    .option('--dry-run', 'write nothing')
    .option('--thresholds-only', 'leave the probabilities as they are and set thresholds alone')
    .option('--json', 'print the result as one line of JSON')
    .option('--quiet', 'show no progress')
    .action((raw: RawCalibrateOptions) => runner(() => runCalibrate(raw, io)));
}
