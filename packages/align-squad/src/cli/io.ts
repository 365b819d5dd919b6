import type { Readable, Writable } from 'node:stream';
import type { CreateSquadOptions, DisposableSquad } from '@align-squad/embedded';
import type { DatagenEvent, ExportedDataset, RunStatus } from '@align-squad/datagen';
import type { ExportCounts, TrainEvent } from '@align-squad/train';
import type { UncheckedExportOptions } from './export-command.js';
import type { GenerateRequest } from './generate-options.js';
import type { UncheckedTrainConfig } from './train-options.js';
import type { WorkOptions, WorkRequest } from './worker-command.js';

/** A stream that may be a terminal. */
export type Terminal = Writable & { readonly isTTY?: boolean };

/** What the command line touches of the outside. */
export interface CliIo {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user stops the process; the reason is the signal's name. */
  readonly signal: AbortSignal;
  readonly version: string;
  readonly createSquad: (options: CreateSquadOptions) => Promise<DisposableSquad>;
  /** Trains by a configuration that is not yet checked. */
  readonly train: (config: UncheckedTrainConfig, options: { readonly signal: AbortSignal }) => AsyncIterable<TrainEvent>;
  /** Exports the records of files by options that are not yet checked. */
  readonly exportRecords: (data: readonly string[], options: UncheckedExportOptions) => Promise<ExportCounts>;
  /** Exports the dataset of a finished run by options that are not yet checked. */
  readonly exportDataset: (directory: string, options: UncheckedExportOptions) => Promise<ExportedDataset>;
  /** Generates a dataset by settings that are not yet checked. */
  readonly generate: (request: GenerateRequest, options: { readonly signal: AbortSignal }) => AsyncIterable<DatagenEvent>;
  /** How far the run of a folder is. */
  readonly runStatus: (directory: string) => Promise<RunStatus>;
  /** Answers the requests of a queue until it is stopped. */
  readonly work: (request: WorkRequest, options: WorkOptions) => Promise<never>;
  /** Folder of the embedded pack. */
  readonly defaultPack: () => Promise<string>;
}
