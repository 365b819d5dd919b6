import { parseWith } from '@align-squad/core';
import { z } from 'zod';
import type { Executor } from './executor.js';
import { queueAddressFields, type QueueAddress } from './queue-connection.js';
import { QueueRun } from './queue-run.js';

/** Options of `createQueueExecutor`. */
export interface QueueExecutorOptions extends QueueAddress {
  /** Most requests that wait in the queue or for a reader of their answers, 1 to 65536. @default 256 */
  readonly maxWaiting?: number | undefined;
  /** How long an answer stays in Redis after it was read, for other producers of the same request. @default 3600000 */
  readonly keepReadMs?: number | undefined;
  /** Time between two looks at requests whose answer no event told of. @default 2000 */
  readonly sweepMs?: number | undefined;
}

const optionsSchema: z.ZodType<QueueExecutorOptions> = z.strictObject({
  ...queueAddressFields,
  maxWaiting: z.int().min(1).max(65_536).optional(),
  keepReadMs: z.number().min(0).optional(),
  sweepMs: z.number().min(50).max(600_000).optional(),
});

/**
 * Puts requests into a queue in Redis, by BullMQ, where the workers of all machines (`runQueueWorker`) answer them.
 *
 * A request's id is the id of its job, so that several producers of a request get one answer, and a producer that starts
 * again finds the answers that came meanwhile. Answers stay in Redis until a producer has read them and `keepReadMs` longer;
 * answers `{ ok: false }` go when they are read, so that a later run can ask again. A request that made each of its workers
 * stop is answered with the reason `worker-lost`. Nothing is answered while no worker runs: the run waits. It goes on after
 * short losses of the connection. Redis has to keep what it is given: `maxmemory-policy noeviction`.
 *
 * The run ends with an `ExecutorStopError` when Redis can't be reached (`unreachable`) or refuses the password (`unauthorized`).
 *
 * @throws AlignSquadError `invalid-options` naming the faulty fields; a run rejects with `missing-dependency` without
 * `bullmq` and `ioredis`.
 */
export function createQueueExecutor(options: QueueExecutorOptions): Executor {
  const parsed = parseWith(optionsSchema, options, { what: 'options of a queue executor', code: 'invalid-options' });
  const { redisUrl, queue, maxWaiting = 256, keepReadMs = 3_600_000, sweepMs = 2_000 } = parsed;
  return {
    name: 'queue',
    run: (requests, { signal }) => new QueueRun(requests, { redisUrl, queue, maxWaiting, keepReadMs, sweepMs, signal }).answers(),
  };
}
