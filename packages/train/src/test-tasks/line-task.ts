import { setTimeout } from 'node:timers/promises';
import { AlignSquadError } from '@align-squad/core';
import { lineRun } from '../trainer/test-support.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { trainLoop } from '../trainer/train-loop.js';

/** What the task of the worker's tests is to do. */
export interface LineTask {
  readonly epochs: number;
  readonly checkpoint?: string | undefined;
  readonly then?: 'fail' | 'crash' | 'exit' | undefined;
}

/** A task as the worker runs it. */
export async function* runTask(task: unknown, { signal }: { readonly signal: AbortSignal }): AsyncGenerator<TrainEvent> {
  const { epochs, checkpoint, then } = task as LineTask; // the tests give no other
  const options = await lineRun({ epochs, signal, ...(checkpoint === undefined ? {} : { checkpoint: { path: checkpoint, everySteps: 2, fingerprint: 'task' } }) });
  yield* trainLoop(options);
  await options.step.dispose();
  if (then === 'fail') throw new AlignSquadError('It is said so.', { code: 'invalid-dataset' });
  if (then === 'crash') 'a text of the user'.repeat(-1);
  if (then === 'exit') process.exit(3);
  await setTimeout(1);
  yield { type: 'pack-end', directory: 'out', metrics: { slope: options.weights.get('slope')?.data[0] ?? 0 } };
}
