import type { Command } from 'commander';
import { runDelta } from './delta-command.js';
import { addDeltaOptions, type RawDeltaOptions } from './delta-options.js';
import type { Runner } from './generate-program.js';
import type { CliIo } from './io.js';

/** Adds the command `delta` to the program. */
export function addDeltaCommand(program: Command, io: CliIo, runner: Runner): void {
  const delta = program.command('delta').description('keep a fine-tuned pack as its difference to the base');
  addDeltaOptions(delta).action((raw: RawDeltaOptions) => runner(() => runDelta(raw, io)));
}
