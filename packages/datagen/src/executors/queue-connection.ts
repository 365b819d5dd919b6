import { AlignSquadError } from '@align-squad/core';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { ExecutorStopError } from './executor-stop.js';
import { isTimedOut, withDeadline } from './with-deadline.js';

/** Where a queue is. */
export interface QueueAddress {
  /** Address of the Redis server, `redis://` or `rediss://`, with user and password where it wants them. */
  readonly redisUrl: string;
  /** Name of the queue, the same for producers and workers: letters, digits, `.`, `_` and `-`. */
  readonly queue: string;
}

/** Fields of a `QueueAddress` in a schema of options. */
export const queueAddressFields: { readonly redisUrl: z.ZodType<string>; readonly queue: z.ZodType<string> } = {
  redisUrl: z.url({ protocol: /^rediss?$/ }),
  queue: z.string().regex(/^[\w.-]{1,128}$/),
};

/** A connection with the library that works on it. */
export interface QueueConnection {
  readonly bullmq: typeof import('bullmq');
  readonly redis: Redis;
  /** What to throw when the connection is lost for good. */
  readonly lost: () => ExecutorStopError;
  /** What to throw when a command failed. */
  readonly failed: (error: unknown) => AlignSquadError;
  /** Waits for the end of what closes, but not for a Redis that is away, and disconnects. Whether it ended. */
  readonly close: (closing: Promise<unknown>) => Promise<boolean>;
}

const connectTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;
// About 15 s of tries; a server that restarts is back by then.
const mostReconnects = 12;

/**
 * Connects to Redis; the only place that imports BullMQ and its driver.
 * @throws AlignSquadError `missing-dependency`; ExecutorStopError `unreachable`, `unauthorized`; the signal's reason.
 */
export async function openQueueConnection({ redisUrl }: QueueAddress, signal: AbortSignal | undefined): Promise<QueueConnection> {
  const { bullmq, ioredis } = await loadLibraries();
  const host = new URL(redisUrl).host;
  const lost = (): ExecutorStopError => new ExecutorStopError(`No connection to Redis at ${host} could be made: does it run, and is \`redisUrl\` right?`, { stop: 'unreachable' });
  let isConnected = false;
  let isRefused = false;
  const redis = new ioredis.Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    // BullMQ wants its blocking commands to wait for as long as the connection may come back.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isConnected && times <= mostReconnects ? Math.min(times * 200, 1_500) : null),
  });
  redis.on('error', (error: Error) => (isRefused ||= /^(WRONGPASS|NOAUTH)/.test(error.message)));
  try {
    const connected = await withDeadline(() => redis.connect().then(() => redis.ping()), { timeoutMs: connectTimeoutMs, signal });
    if (isTimedOut(connected)) throw lost();
  } catch {
    redis.disconnect();
    signal?.throwIfAborted();
    // Errors of the driver hold the command that failed, with the password, so there is no cause.
    throw isRefused ? new ExecutorStopError(`Redis at ${host} refused the user or password of \`redisUrl\`.`, { stop: 'unauthorized' }) : lost();
  }
  isConnected = true;
  const failed = (error: unknown): AlignSquadError => (isReply(error) ? new AlignSquadError(`Redis at ${host} refused a command: is its memory full, or is it older than version 6.2?`, { code: 'generator-failed' }) : lost());
  const close = async (closing: Promise<unknown>): Promise<boolean> => {
    // BullMQ's copies of the connection try again by the same rule, so that they give up too.
    isConnected = false;
    const ended = await withDeadline(() => closing, { timeoutMs: closeTimeoutMs });
    redis.disconnect();
    return !isTimedOut(ended);
  };
  return { bullmq, redis, lost, failed, close };
}

function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

async function loadLibraries(): Promise<Pick<QueueConnection, 'bullmq'> & { readonly ioredis: Pick<typeof import('ioredis'), 'Redis'> }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (error) {
    throw new AlignSquadError('Could not load `bullmq` and `ioredis`, which queues need; install them with `npm install bullmq@6 ioredis@5`.', { code: 'missing-dependency', cause: error });
  }
}
