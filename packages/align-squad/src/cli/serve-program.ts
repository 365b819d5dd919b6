import type { Command } from 'commander';
import type { Runner } from './generate-program.js';
import type { CliIo } from './io.js';
import { runServe } from './serve-command.js';
import type { RawServeOptions } from './serve-options.js';

/** Adds `serve` to the program. */
export function addServeCommand(program: Command, io: CliIo, runner: Runner): void {
  program
    .command('serve')
    .description('serve aligned answers of an OpenAI-compatible API, until it is stopped')
    .option('--port <n>', 'port, 0 for any (default: 8787)')
    .option('--host <name>', 'address to listen on (default: 127.0.0.1)')
    .option('--upstream <url>', 'base of the API whose answers are aligned; its key is in ALIGN_SQUAD_UPSTREAM_KEY, or comes from clients')
    .option('--criteria <ids>', 'criteria with commas between (default: all that the packs serve)')
    .option('--advisory <ids>', 'criteria that an answer may miss: it is not withheld where they alone still flag it')
    .option('--config <file>', 'configuration (default: align-squad.config.ts, .js, .json or .yaml, where there is one)')
    .option('--pack <folder...>', 'folders of packs, asked in that order; `default` is the embedded one (default: default)')
    .option('--no-playground', 'serve no page at /')
    .option('--quiet', 'log no requests on stderr')
    .option('--json', 'say as a line of JSON where it listens')
    .action((raw: RawServeOptions) => runner(() => runServe(raw, io)));
}
