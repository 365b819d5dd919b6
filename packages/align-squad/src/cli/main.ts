import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BatchExecutorOptions } from '@align-squad/datagen';
import type { ExportOptions, TrainRequest } from '@align-squad/train';
import { createSquad } from '../create-squad.js';
import type { ExecutorChoice } from './generate-options.js';
import { runCli } from './program.js';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort(name));
// A reader that leaves must not crash the process between two writes.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: stop.signal,
  version: manifest.version,
  createSquad,
  async *train(config, options) {
    const { train } = await import('@align-squad/train');
    // `train` checks it and names what is wrong.
    yield* train(config as unknown as TrainRequest, options);
  },
  async exportRecords(data, options) {
    const { exportRecords } = await import('@align-squad/train');
    // `exportRecords` checks the format and names what is wrong.
    return exportRecords(data, options as ExportOptions);
  },
  async *generate({ directory, settings, executor }, options) {
    const { createBatchExecutor, createOnlineExecutor, generateDataset } = await import('@align-squad/datagen');
    const created = executor.kind === 'online' ? createOnlineExecutor(executor.options) : createBatchExecutor(batchOptions(join(directory, 'batches'), executor));
    yield* generateDataset(settings, { directory, executor: created, signal: options.signal });
  },
  async runStatus(directory) {
    const { readRunStatus } = await import('@align-squad/datagen');
    return readRunStatus(directory);
  },
  defaultPack: async () => fileURLToPath((await import('@align-squad/pack-en')).packDirectory),
});

/** By the Batch API where there is a server, else by files that are answered by hand. */
function batchOptions(folder: string, { baseUrl, apiKey }: Extract<ExecutorChoice, { kind: 'batch' }>): BatchExecutorOptions {
  return baseUrl === undefined ? { mode: 'files', folder } : { mode: 'api', folder, baseUrl, ...(apiKey === undefined ? {} : { apiKey }) };
}
