import { AlignSquadError, parseWith } from '@align-squad/core';
import type { Job } from 'bullmq';
import { z } from 'zod';
import type { Executor } from './executor.js';
import { openQueueConnection, queueAddressFields, type QueueAddress } from './queue-connection.js';
import { QueueDesk } from './queue-desk.js';
import { parseQueueRequest } from './queue-messages.js';
import type { DatagenAnswer } from './request.js';
import { withDeadline } from './with-deadline.js';

/** Options of `runQueueWorker`. */
export interface QueueWorkerOptions extends QueueAddress {
  /** Answers the requests, each as soon as it can, such as `createOnlineExecutor`; one run of it serves the whole worker. */
  readonly executor: Executor;
  /** Most requests that the worker holds at once, 1 to 4096; give the executor the same or more. @default 16 */
  readonly concurrency?: number | undefined;
  /** How long a job stays with a worker that no longer tells of itself, 100 to 600000. @default 30000 */
  readonly lockMs?: number | undefined;
  /** Times that a job may be lost with its worker before it counts as failed, 0 to 100. @default 5 */
  readonly maxLosses?: number | undefined;
  /** Ends the worker. */
  readonly signal?: AbortSignal | undefined;
}

const optionsSchema: z.ZodType<QueueWorkerOptions> = z.strictObject({
  ...queueAddressFields,
  executor: z.custom<Executor>((value) => typeof value === 'object' && value !== null && 'run' in value),
  concurrency: z.int().min(1).max(4096).optional(),
  lockMs: z.int().min(100).max(600_000).optional(),
  maxLosses: z.int().min(0).max(100).optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

/**
 * Answers the requests of a queue until its signal is aborted or its executor stops; run one on each machine.
 * What it had not answered then goes back to the queue at once, or after `lockMs` when Redis is away; the jobs of a killed worker come to another after `lockMs`,
 * and what was asked for them is asked again.
 *
 * Rejects with the reason of `signal`; with what the executor threw, such as an `ExecutorStopError`; with one of `unreachable`
 * or `unauthorized` when Redis can't be reached or refuses the password.
 * @throws AlignSquadError `invalid-options`, `missing-dependency` without `bullmq` and `ioredis`.
 */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<never> {
  const parsed = parseWith(optionsSchema, options, { what: 'options of a queue worker', code: 'invalid-options' });
  const { executor, concurrency = 16, lockMs = 30_000, maxLosses = 5, signal } = parsed;
  signal?.throwIfAborted();
  const { bullmq, redis, lost, close } = await openQueueConnection(parsed, signal);
  const desk = new QueueDesk(executor);
  const answer = async (job: Job<unknown>, token?: string): Promise<DatagenAnswer> => {
    const id = job.id ?? '';
    const request = parseQueueRequest(id, job.data);
    if (!request) return { id, ok: false, reason: 'malformed' };
    const given = await desk.ask(request);
    if (given) return given;
    // Without its lock the job is another worker's already.
    await job.moveToWait(token).catch(() => undefined);
    throw new bullmq.WaitingError();
  };
  const worker = new bullmq.Worker(parsed.queue, answer, {
    connection: redis,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: lockMs,
    maxStalledCount: maxLosses,
  });
  // Losses of the connection come as errors too, and most of them pass; 'end' tells of those that don't.
  worker.on('error', () => undefined);
  const ended = new Promise<never>((_, reject) => redis.once('end', () => reject(lost())));
  ended.catch(() => undefined);
  try {
    await withDeadline(() => Promise.race([desk.ended, ended]), { signal });
    throw new AlignSquadError('Expected the executor to end no run of its own.', { code: 'generator-failed' });
  } finally {
    // Closing comes first, so that the worker does not take again what it gives back.
    const closed = worker.close();
    desk.close();
    // A worker that could not close for want of Redis still has a connection of its own.
    if (!(await close(closed))) worker.disconnect().catch(() => undefined);
  }
}
