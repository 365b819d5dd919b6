import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ExportOptions, TrainRequest } from '@align-squad/train';
import { createSquad } from '@align-squad/embedded';
import { runCli } from './program.js';
import { datagenIo } from './run-datagen.js';

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
  ...datagenIo,
  defaultPack: async () => fileURLToPath((await import('@align-squad/pack-en')).packDirectory),
});
