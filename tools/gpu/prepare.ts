// Writes what PyTorch trains on into the work folder of a training: see README.md.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AlignSquadError } from '@align-squad/core';
import { runTask } from '../../packages/train/src/tasks/run-task.js';
import { resolveTrainConfig, type ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import type { TrainEvent } from '../../packages/train/src/trainer/train-event.js';
import { alignerJob } from './aligner-job.js';
import { inspectorJob } from './inspector-job.js';
import { writeJob, type JobKind } from './job.js';
import { runOnConfig } from './read-config.js';

/** A training that waits for its weights. */
export interface Prepared {
  readonly kind: JobKind;
  /** The work folder of the training in Node, which goes on with the checkpoint that it finds there. */
  readonly work: string;
}

/**
 * Runs the training in Node up to its first step, and writes start weights and batches into its work folder.
 * @throws AlignSquadError `invalid-options` for what only Node trains, `training-failed` when the two would train differently.
 */
export async function prepare(config: ResolvedTrainConfig): Promise<Prepared> {
  requireSupported(config);
  const started = await untilFirstStep(config);
  // As `runTask` resolves it again: the fingerprint depends on the order of the fields.
  const again = resolveTrainConfig({ ...config, restart: false });
  const job = config.task === 'inspector' ? await inspectorJob(again) : await alignerJob(again);
  const work = `${resolve(config.out)}.training`;
  const { steps, parameters } = await writeJob(job, work);
  if (steps === started.steps && parameters === started.parameters) return { kind: job.kind, work };
  throw new AlignSquadError(
    `tools/gpu plans ${steps} steps of ${parameters} parameters, and the training in Node ${started.steps} of ${started.parameters}: bring tools/gpu up to date.`,
    { code: 'training-failed' },
  );
}

function requireSupported({ method, aligner }: ResolvedTrainConfig): void {
  const only = method !== 'full' ? `\`method\` ${method}` : aligner.objective === 'preference' ? '`objective` preference' : undefined;
  if (only === undefined) return;
  throw new AlignSquadError(`${only} is trained by \`align-squad train\` alone: set \`method\` to full and \`objective\` to correction.`, { code: 'invalid-options' });
}

async function untilFirstStep(config: ResolvedTrainConfig): Promise<Extract<TrainEvent, { type: 'train-start' }>> {
  for await (const event of runTask(config)) if (event.type === 'train-start') return event;
  throw new AlignSquadError('The training ended before its first step.', { code: 'training-failed' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runOnConfig(async (config) => void process.stdout.write(`${JSON.stringify(await prepare(config))}\n`));
}
