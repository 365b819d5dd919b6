import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlignSquadError } from '@align-squad/core';
import { runInWorker } from '../run-in-worker.js';
import type { TrainEvent } from '../trainer/train-event.js';
import { resolveTrainConfig, type TrainConfig } from './train-config.js';

/** Options of `train`. */
export interface TrainOptions {
  /** Records instead of files; they stand for `data` of the configuration. */
  readonly records?: Iterable<object> | AsyncIterable<object> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A configuration whose data may be given as records beside it. */
export type TrainRequest = Omit<TrainConfig, 'data'> & Partial<Pick<TrainConfig, 'data'>>;

/**
 * Trains a pack from a dataset, in a worker thread, so that the caller's event loop stays free. Events say how far it
 * is; the last one is `pack-end`. A run that was stopped or killed goes on where it was when it is started again with
 * the same configuration and data.
 * @throws AlignSquadError `invalid-options`, `invalid-dataset` naming file and line, `model-invalid` or
 * `unsupported-operator` for a base that can't be trained, `pack-` codes, `training-failed`; or the signal's reason.
 */
export async function* train(request: TrainRequest, { records, signal }: TrainOptions = {}): AsyncGenerator<TrainEvent> {
  signal?.throwIfAborted();
  const spool = records === undefined ? undefined : await mkdtemp(join(tmpdir(), 'align-squad-records-'));
  try {
    const data = spool === undefined ? request.data : [await writeRecords(join(spool, 'records.jsonl'), records ?? [], signal)];
    yield* runInWorker(resolveTrainConfig({ ...request, data }), { signal });
  } finally {
    if (spool !== undefined) await rm(spool, { recursive: true, force: true });
  }
}

/** A finished training. */
export interface TrainedPack {
  readonly directory: string;
  /** What it reaches on the held-out data. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** `train` to its end. */
export async function trainPack(request: TrainRequest, options: TrainOptions = {}): Promise<TrainedPack> {
  let end: TrainEvent | undefined;
  for await (const event of train(request, options)) end = event;
  if (end?.type === 'pack-end') return { directory: end.directory, metrics: end.metrics };
  throw new AlignSquadError('The training ended without a pack.', { code: 'training-failed' });
}

async function writeRecords(path: string, records: NonNullable<TrainOptions['records']>, signal: AbortSignal | undefined): Promise<string> {
  const file = await open(path, 'wx');
  try {
    for await (const record of records) {
      signal?.throwIfAborted();
      await file.write(`${JSON.stringify(record)}\n`);
    }
  } finally {
    await file.close();
  }
  return path;
}
