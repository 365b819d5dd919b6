import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AlignSquadError, toAlignSquadError } from '@align-squad/core';
import type { OpenAI } from 'openai';
import { z } from 'zod';
import { guarded, type BatchPart } from './batch-folder.js';
import { describeFailure, unreachable } from './call-failure.js';
import { ExecutorStopError } from './executor-stop.js';
import { isTimedOut, pause, withDeadline } from './with-deadline.js';

/** What calls to a batch service work with. */
export interface BatchServiceOptions {
  readonly client: OpenAI;
  readonly maxRetries: number;
  /** Of one call; an upload is one. */
  readonly timeoutMs: number;
  readonly backoffMs: (failures: number) => number;
  readonly signal?: AbortSignal | undefined;
}

/** A service that works on requests files. */
export interface BatchService {
  /** Uploads a part and creates its batch, as far as that was not done before. Returns the id of the batch. */
  submit(part: BatchPart): Promise<string>;
  /**
   * Writes the responses file of a part whose batch is over; false while it is not.
   * @throws ExecutorStopError `batch-failed` when the service would not work on it; it is submitted again in the next run.
   */
  fetchResponses(part: BatchPart, batchId: string): Promise<boolean>;
}

interface PartState {
  readonly inputFileId: string;
  readonly batchId?: string | undefined;
}

const stateSchema: z.ZodType<PartState> = z.strictObject({ inputFileId: z.string(), batchId: z.string().optional() });

/** Talks to the files and batches of an OpenAI-compatible API; each step is kept, so that nothing is paid twice. */
export function createBatchService(options: BatchServiceOptions): BatchService {
  const { client } = options;
  const call = <T>(step: (signal: AbortSignal) => Promise<T>): Promise<T> => callWithRetries(step, options);
  return {
    async submit(part) {
      const state = await readState(part);
      if (state?.batchId !== undefined) return state.batchId;
      const inputFileId = state?.inputFileId ?? (await call((signal) => upload(client, part, signal)));
      await writeState(part, { inputFileId });
      // An earlier call may have created it without getting through with the answer.
      let mayExist = state !== undefined;
      const batchId = await call(async (signal) => {
        const found = mayExist ? await findBatch(client, inputFileId, signal) : undefined;
        mayExist = true;
        return found ?? (await client.batches.create({ input_file_id: inputFileId, endpoint: '/v1/chat/completions', completion_window: '24h' }, { signal })).id;
      });
      await writeState(part, { inputFileId, batchId });
      return batchId;
    },
    async fetchResponses(part, batchId) {
      const batch = await call((signal) => client.batches.retrieve(batchId, { signal }));
      if (batch.status === 'failed') {
        await guarded(() => rm(part.statePath, { force: true }));
        throw new ExecutorStopError(`The service refused ${basename(part.requestsPath)}${describeCode(batch.errors?.data?.[0]?.code)}; run again to submit it anew.`, { stop: 'batch-failed' });
      }
      if (batch.status !== 'completed' && batch.status !== 'expired' && batch.status !== 'cancelled') return false;
      const path = `${part.responsesPath}.part`;
      await guarded(() => writeFile(path, ''));
      for (const fileId of [batch.output_file_id, batch.error_file_id]) if (fileId) await download(fileId, path);
      await guarded(() => rename(path, part.responsesPath));
      return true;
    },
  };

  async function download(fileId: string, path: string): Promise<void> {
    const start = (await guarded(() => stat(path))).size;
    await call(async (signal) => {
      const { body } = await client.files.content(fileId, { signal });
      if (!body) return;
      // The types of web streams in DOM and in Node differ in name only.
      const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
      await pipeline(source, createWriteStream(path, { flags: 'r+', start }), { signal }).catch((error: unknown) => {
        // Errors of files name a system call themselves, those of connections in a cause.
        throw error instanceof Error && 'syscall' in error ? toAlignSquadError(error, 'Responses could not be written: is the disk full?', 'generator-failed') : error;
      });
    });
  }
}

async function upload(client: OpenAI, { requestsPath }: BatchPart, signal: AbortSignal): Promise<string> {
  const file = new File([await guarded(() => readFile(requestsPath))], basename(requestsPath), { type: 'application/jsonl' });
  return (await client.files.create({ purpose: 'batch', file }, { signal })).id;
}

async function findBatch(client: OpenAI, inputFileId: string, signal: AbortSignal): Promise<string | undefined> {
  // Newest first; what was created just now is on the first page.
  const { data } = await client.batches.list({ limit: 100 }, { signal });
  return data.find((batch) => batch.input_file_id === inputFileId)?.id;
}

async function callWithRetries<T>(step: (signal: AbortSignal) => Promise<T>, { maxRetries, timeoutMs, backoffMs, signal }: BatchServiceOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    let failure: ReturnType<typeof describeFailure>;
    try {
      const result = await withDeadline(step, { timeoutMs, signal });
      if (!isTimedOut(result)) return result;
      failure = { kind: 'retry', reason: 'timeout', isUnanswered: true };
    } catch (error) {
      signal?.throwIfAborted();
      if (AlignSquadError.isInstance(error)) throw error;
      failure = describeFailure(error, Date.now());
    }
    if (failure.kind === 'stop') throw failure.error;
    if (failure.kind === 'final' || failures > maxRetries) {
      if (failure.kind === 'retry' && failure.isUnreachable) throw unreachable();
      throw new ExecutorStopError(`The batch service failed${describeCode(failure.kind === 'rate-limited' ? 'http-429' : failure.reason)}; run again to go on.`, { stop: 'batch-failed' });
    }
    await pause((failure.kind === 'rate-limited' ? failure.waitMs : undefined) ?? backoffMs(failures), signal);
  }
}

async function readState({ statePath }: BatchPart): Promise<PartState | undefined> {
  const text = await guarded(() => readFile(statePath, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error))));
  return text === undefined ? undefined : guarded(async () => stateSchema.parse(JSON.parse(text)));
}

async function writeState({ statePath }: BatchPart, state: PartState): Promise<void> {
  await guarded(async () => {
    await writeFile(`${statePath}.part`, JSON.stringify(state), { flush: true });
    await rename(`${statePath}.part`, statePath);
  });
}

// Only what looks like a code, as services may put texts there.
function describeCode(code: unknown): string {
  return typeof code === 'string' && /^[\w-]{1,40}$/.test(code) ? ` (${code})` : '';
}
