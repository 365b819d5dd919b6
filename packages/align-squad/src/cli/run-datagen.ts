import { join } from 'node:path';
import type { BatchExecutorOptions, Executor, ExportDatasetOptions } from '@align-squad/datagen';
import type { ExecutorChoice } from './executor-options.js';
import type { CliIo } from './io.js';

/** The data generation behind the command line; its library is loaded when it is needed. */
export const datagenIo: Pick<CliIo, 'generate' | 'runStatus' | 'work' | 'exportDataset'> = {
  async *generate({ directory, settings, executor }, { signal }) {
    const { generateDataset } = await import('@align-squad/datagen');
    yield* generateDataset(settings, { directory, executor: await createExecutor(directory, executor), signal });
  },
  async runStatus(directory) {
    const { readRunStatus } = await import('@align-squad/datagen');
    return readRunStatus(directory);
  },
  async work({ executor, ...queue }, { signal, onAnswer }) {
    const { createOnlineExecutor, runQueueWorker } = await import('@align-squad/datagen');
    const online = createOnlineExecutor(executor);
    const watched: Executor = {
      name: online.name,
      async *run(requests, options) {
        for await (const answer of online.run(requests, options)) {
          onAnswer(answer);
          yield answer;
        }
      },
    };
    return runQueueWorker({ ...queue, executor: watched, concurrency: executor.concurrency, signal });
  },
  async exportDataset(directory, options) {
    const { exportDataset } = await import('@align-squad/datagen');
    // `exportDataset` checks the format and names what is wrong.
    return exportDataset(directory, options as ExportDatasetOptions);
  },
};

async function createExecutor(directory: string, choice: ExecutorChoice): Promise<Executor> {
  const { createBatchExecutor, createOnlineExecutor, createQueueExecutor } = await import('@align-squad/datagen');
  switch (choice.kind) {
    case 'online':
      return createOnlineExecutor(choice.options);
    case 'batch':
      return createBatchExecutor(batchOptions(join(directory, 'batches'), choice));
    case 'queue':
      return createQueueExecutor({ redisUrl: choice.redisUrl, queue: choice.queue });
    default:
      return choice satisfies never;
  }
}

/** By the Batch API where there is a server, else by files that are answered by hand. */
function batchOptions(folder: string, { baseUrl, apiKey, maxTokensField }: Extract<ExecutorChoice, { kind: 'batch' }>): BatchExecutorOptions {
  return baseUrl === undefined ? { mode: 'files', folder, maxTokensField } : { mode: 'api', folder, baseUrl, apiKey, maxTokensField };
}
