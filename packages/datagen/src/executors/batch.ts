import { type ClientOptions, createChatClient } from '@align-squad/llm';
import { basename } from 'node:path';
import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import { createBackoff } from './backoff.js';
import { openBatchFolder, removeRequests, type BatchFileLimits, type BatchFolder, type BatchPart } from './batch-folder.js';
import { parseResponseLine, readLines } from './batch-lines.js';
import { createBatchService, type BatchService } from './batch-service.js';
import { maxTokensFieldSchema, type MaxTokensField } from './chat-completion.js';
import { ExecutorStopError } from './executor-stop.js';
import type { Executor } from './executor.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';
import { isTimedOut, pause, withDeadline } from './with-deadline.js';

interface BatchFileOptions {
  /** Where request and response files are; made when it is missing. Only one executor at a time may use it. */
  readonly folder: string;
  /** Limits of a requests file, at most those of the OpenAI Batch API. */
  readonly limits?: BatchFileLimits | undefined;
  /** Name of the field that limits the tokens of an answer, in files that are written from now on. @default 'max_tokens' */
  readonly maxTokensField?: MaxTokensField | undefined;
}

/** Options of a batch executor whose files are answered by hand. */
export interface FilesBatchOptions extends BatchFileOptions {
  readonly mode: 'files';
}

/** Options of a batch executor that uses the Batch API. */
export interface ApiBatchOptions extends BatchFileOptions, ClientOptions {
  readonly mode: 'api';
  /** Time between looks at the batches. @default 30000 */
  readonly pollMs?: number | undefined;
  /** Attempts after the first of each call, 0 to 20. @default 5 */
  readonly maxRetries?: number | undefined;
  /** Mean wait before the second attempt; it doubles with each further one, up to 60 s. @default 500 */
  readonly retryDelayMs?: number | undefined;
  /** Longest time of one call; an upload of a file is one. @default 600000 */
  readonly timeoutMs?: number | undefined;
}

/** Options of `createBatchExecutor`. */
export type BatchExecutorOptions = FilesBatchOptions | ApiBatchOptions;

const fileOptions = {
  folder: z.string().min(1),
  limits: z.strictObject({ requests: z.int().min(1).max(50_000).optional(), bytes: z.int().min(1).max(200_000_000).optional() }).optional(),
  maxTokensField: maxTokensFieldSchema.optional(),
};
const milliseconds = z.number().min(0).max(2 ** 31 - 1);

const optionsSchema: z.ZodType<BatchExecutorOptions> = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('files'), ...fileOptions }),
  z.strictObject({
    mode: z.literal('api'),
    ...fileOptions,
    baseUrl: z.url(),
    apiKey: z.string().min(1).optional(),
    fetch: z.custom<typeof fetch>((value) => typeof value === 'function').optional(),
    pollMs: milliseconds.optional(),
    maxRetries: z.int().min(0).max(20).optional(),
    retryDelayMs: milliseconds.optional(),
    timeoutMs: milliseconds.optional(),
  }),
]);

/**
 * Asks in files of the OpenAI Batch format: at most 50,000 requests and 190 MB each, one model a file. It reads all requests
 * before it gives the first answer. A request that is in a file already is not written or asked again, so a run goes on where
 * it was stopped.
 *
 * Mode `api` uploads the files, waits and merges what comes back; batch ids are kept in the folder, so a stopped run finds its
 * batches again. What a service leaves without an answer, as at the end of its 24 hours, is asked again in the next run.
 *
 * Mode `files` writes `requests-0001.jsonl` and so on, and ends with an `ExecutorStopError` `responses-missing` whose `files`
 * are those to answer. Answer each as `responses-0001.jsonl` beside it and run again. On a machine with a GPU:
 * `vllm run-batch -i requests-0001.jsonl -o responses-0001.jsonl --model MODEL`, where MODEL is the model of the run.
 *
 * An answer that failed has the reason `http-400` and so on, `batch-error`, `malformed`, `too-large`, or one of
 * `readCompletion`. @throws AlignSquadError `invalid-options` naming the faulty fields.
 */
export function createBatchExecutor(options: BatchExecutorOptions): Executor {
  const parsed = parseWith(optionsSchema, options, { what: 'options of a batch executor', code: 'invalid-options' });
  return {
    name: `batch-${parsed.mode}`,
    async *run(requests, { signal }) {
      signal?.throwIfAborted();
      const folder = await openBatchFolder(parsed.folder, { limits: parsed.limits ?? {}, maxTokensField: parsed.maxTokensField ?? 'max_tokens', signal });
      signal?.throwIfAborted();
      const wanted = new Map<string, BatchPart>();
      yield* writeRequests(requests, { folder, wanted, signal });
      for (const path of await folder.listResponses()) yield* readResponses(path, { wanted, signal });
      if (wanted.size === 0) return;
      if (parsed.mode === 'files') throw describeMissing(wanted);
      yield* askService(parsed, { wanted, signal });
    },
  };
}

interface Wanted {
  /** Requests without an answer, with the parts that they are in. */
  readonly wanted: Map<string, BatchPart>;
  readonly signal?: AbortSignal | undefined;
}

/** Writes what no file holds yet; what is too large fails. */
async function* writeRequests(requests: AsyncIterable<DatagenRequest>, { folder, wanted, signal }: Wanted & { readonly folder: BatchFolder }): AsyncGenerator<DatagenAnswer> {
  const source = requests[Symbol.asyncIterator]();
  let isRead = false;
  try {
    for (;;) {
      const next = await withDeadline(() => source.next(), { signal });
      if (isTimedOut(next) || next.done === true) break;
      const request = next.value;
      if (folder.partOf(request.id) === undefined && !(await folder.add(request))) yield { id: request.id, ok: false, reason: 'too-large' };
      const part = folder.partOf(request.id);
      if (part) wanted.set(request.id, part);
    }
    isRead = true;
    await folder.finish();
  } finally {
    await folder.discard();
    const ended = isRead ? undefined : Promise.resolve(source.return?.());
    // A source that is stuck must not hold an abort up.
    if (signal?.aborted) ended?.catch(() => undefined);
    else await ended;
  }
}

/** The answers of a responses file to what is wanted; each is given once, whatever other files say. */
async function* readResponses(path: string, { wanted, signal }: Wanted): AsyncGenerator<DatagenAnswer> {
  for await (const line of readLines(path)) {
    signal?.throwIfAborted();
    const response = parseResponseLine(line);
    if (response?.answer && wanted.delete(response.id)) yield response.answer;
  }
}

async function* askService(options: ApiBatchOptions, { wanted, signal }: Wanted): AsyncGenerator<DatagenAnswer> {
  const { pollMs = 30_000, maxRetries = 5, retryDelayMs = 500, timeoutMs = 600_000 } = options;
  const service = createBatchService({ client: createChatClient(options, 0), maxRetries, timeoutMs, backoffMs: createBackoff(retryDelayMs, Math.random), signal });
  const open = new Map<BatchPart, string>();
  for (const part of new Set(wanted.values())) open.set(part, await service.submit(part));
  let stop: ExecutorStopError | undefined;
  while (open.size > 0) {
    for (const [part, batchId] of open) {
      const state = await lookAt(service, part, batchId);
      if (state === 'in-progress') continue;
      open.delete(part);
      if (state === 'done') yield* readResponses(part.responsesPath, { wanted, signal });
      const left = [...wanted.values()].filter((other) => other === part).length;
      if (state === 'done' && left > 0) await removeRequests(part, (id) => wanted.get(id) === part);
      if (state !== 'done') stop ??= state;
      else if (left > 0) stop ??= new ExecutorStopError(`The service left ${left} requests of ${basename(part.requestsPath)} without an answer; run again to ask them in a new batch.`, { stop: 'batch-failed' });
    }
    if (open.size > 0) await pause(pollMs, signal);
  }
  // Other batches come first: they are paid.
  if (stop) throw stop;
}

async function lookAt(service: BatchService, part: BatchPart, batchId: string): Promise<'in-progress' | 'done' | ExecutorStopError> {
  try {
    return (await service.fetchResponses(part, batchId)) ? 'done' : 'in-progress';
  } catch (error) {
    if (error instanceof ExecutorStopError && error.stop === 'batch-failed') return error;
    throw error;
  }
}

function describeMissing(wanted: ReadonlyMap<string, BatchPart>): ExecutorStopError {
  const files = [...new Set([...wanted.values()].map(({ requestsPath }) => requestsPath))].sort();
  const first = basename(files[0] ?? '');
  const responses = first.replace('requests', 'responses');
  return new ExecutorStopError(
    `${wanted.size} requests in ${files.length} files of the batch folder wait for answers. Answer each file, such as ${first}, as ${responses} beside it and run again: with a batch service, or with \`vllm run-batch -i ${first} -o ${responses} --model MODEL\`. If ${responses} is there, it lacks some of them: move both files away to have these asked in a new one.`,
    { stop: 'responses-missing', files },
  );
}
