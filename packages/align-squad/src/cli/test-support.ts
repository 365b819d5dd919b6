import { AlignSquadError } from '@align-squad/core';
import { exportRecords, type ExportOptions } from '@align-squad/train';
import { PassThrough, Readable } from 'node:stream';
import { createSquadFrom, doubleModels } from '@align-squad/embedded/testing';
import type { CliIo } from './io.js';
import { runCli } from './program.js';
import { datagenIo } from './run-datagen.js';

/** What a run of the command line left. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line with doubles for its models. */
export async function run(args: string[], overrides: Partial<CliIo> & { input?: string } = {}): Promise<CliRun> {
  const { input = '', ...io } = overrides;
  const stdout = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stderr = new PassThrough({ highWaterMark: 1024 * 1024 });
  const code = await runCli(args, {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    env: {},
    signal: new AbortController().signal,
    version: '1.2.3',
    createSquad: (options) => createSquadFrom(options, async () => doubleModels()),
    async *train() {
      yield { type: 'pack-end', directory: 'out', metrics: { 'auroc.kind': 0.75 } };
    },
    exportRecords: (data, options) => exportRecords(data, options as ExportOptions),
    exportDataset: datagenIo.exportDataset,
    work: async (_request, { signal }) => {
      signal.throwIfAborted();
      throw new AlignSquadError('The double of a worker ends.', { code: 'generator-failed' });
    },
    async *generate({ directory }) {
      const split = { train: 9, dev: 1 };
      const card = { schemaVersion: 1, criterion: { id: 'ethical', sha256: '' }, models: [], format: 'structured', seed: 1, stages: [], filters: [], split } as const;
      yield { type: 'dataset-end', directory, card };
    },
    runStatus: async () => ({ criterion: 'ethical', model: 'm', count: 10, answers: 4, damagedAnswers: 1, records: { topics: 3 }, isFinished: false, isLocked: false }),
    defaultPack: async () => '/packs/default',
    ...io,
  });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

/** The values of lines of JSON. */
export const parseLines = (text: string): unknown[] => text.trimEnd().split('\n').map((line): unknown => JSON.parse(line));
