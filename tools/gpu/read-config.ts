import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AlignSquadError } from '@align-squad/core';
import { packDirectory } from '@align-squad/pack-en';
import { readTrainConfig } from '../../packages/align-squad/src/cli/train-options.js';
import { resolveTrainConfig, type ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';

/** Runs a script on the file of `--config FILE`; what is wrong is told by its message. */
export async function runOnConfig(run: (config: ResolvedTrainConfig) => Promise<void>): Promise<void> {
  try {
    const { values: { config } } = parseArgs({ options: { config: { type: 'string' } } });
    if (config === undefined) throw new AlignSquadError('Expected --config FILE.', { code: 'invalid-options' });
    await run(await readConfig(config));
  } catch (error) {
    if (!AlignSquadError.isInstance(error)) throw error;
    process.stderr.write(`error [${error.code}]: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** A configuration file as `align-squad train --config FILE` reads it, so that both have one fingerprint. Rejects with `invalid-options`. */
export async function readConfig(path: string): Promise<ResolvedTrainConfig> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new AlignSquadError('The file of `--config` could not be read.', { code: 'invalid-options' });
  });
  const task = /"task"\s*:\s*"inspector"/.test(text) ? 'inspector' : 'aligner';
  return resolveTrainConfig(await readTrainConfig(task, { config: path }, async () => fileURLToPath(packDirectory)));
}
