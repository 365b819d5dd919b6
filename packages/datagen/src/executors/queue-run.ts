import type { Queue, QueueEvents } from 'bullmq';
import { openQueueConnection, type QueueAddress, type QueueConnection } from './queue-connection.js';
import { parseQueueAnswer } from './queue-messages.js';
import type { DatagenAnswer, DatagenRequest } from './request.js';

/** What a run of a queue executor works with. */
export interface QueueRunOptions extends QueueAddress {
  readonly maxWaiting: number;
  readonly keepReadMs: number;
  readonly sweepMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Asked {
  readonly request: DatagenRequest;
  /** How often the source gave this request. */
  count: number;
}

interface Link extends QueueConnection {
  readonly queue: Queue;
  readonly events: QueueEvents;
  readonly sweeps: NodeJS.Timeout;
}

/**
 * One run of a queue executor. Events tell of answers; as Redis drops old events and a connection may miss some, each request
 * is looked at once after it was put and again at each sweep.
 */
export class QueueRun {
  readonly #options: QueueRunOptions;
  readonly #source: AsyncIterator<DatagenRequest>;
  readonly #asked = new Map<string, Asked>();
  readonly #ready: DatagenAnswer[] = [];
  readonly #work = new Set<Promise<void>>();
  #isReading = false;
  #isRead = false;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(requests: AsyncIterable<DatagenRequest>, options: QueueRunOptions) {
    this.#options = options;
    this.#source = requests[Symbol.asyncIterator]();
  }

  /** The answers as they come. Rejects with the reason of the signal, an `ExecutorStopError`, or what the requests threw. */
  async *answers(): AsyncGenerator<DatagenAnswer> {
    const { signal } = this.#options;
    const onAbort = (): void => this.#wake();
    signal?.addEventListener('abort', onAbort);
    let link: Link | undefined;
    try {
      signal?.throwIfAborted();
      const opened = (link = this.#open(await openQueueConnection(this.#options, signal)));
      for (;;) {
        signal?.throwIfAborted();
        this.#read(opened);
        const answer = this.#ready.shift();
        if (answer) {
          yield answer;
          // The reader came back for more, so it has kept this one.
          this.#track(opened, markRead(opened, answer));
        } else if (this.#failure || (this.#isRead && this.#asked.size === 0 && this.#work.size === 0)) break;
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await this.#close(link);
    }
  }

  #open(connection: QueueConnection): Link {
    const { bullmq, redis, lost } = connection;
    const options = { connection: redis };
    const queue = new bullmq.Queue(this.#options.queue, options);
    const events = new bullmq.QueueEvents(this.#options.queue, options);
    const sweeps = setInterval(() => this.#sweep(link), this.#options.sweepMs);
    const link: Link = { ...connection, queue, events, sweeps };
    // Losses of the connection come as errors too, and most of them pass; 'end' tells of those that don't.
    queue.on('error', () => undefined);
    events.on('error', () => undefined);
    redis.once('end', () => this.#fail(lost()));
    events.on('completed', ({ jobId, returnvalue }) => this.#settle(jobId, returnvalue));
    events.on('failed', ({ jobId }) => this.#settle(jobId, undefined));
    this.#sweep(link);
    return link;
  }

  #read(link: Link): void {
    if (this.#isReading || this.#isRead || this.#failure || this.#asked.size + this.#ready.length >= this.#options.maxWaiting) return;
    this.#isReading = true;
    this.#source.next().then(
      (next) => {
        this.#isReading = false;
        if (next.done === true) this.#isRead = true;
        else if (!this.#isClosed) this.#ask(link, next.value);
        this.#wake();
      },
      (error: unknown) => {
        this.#isReading = false;
        this.#isRead = true;
        this.#fail(error);
      },
    );
  }

  #ask(link: Link, request: DatagenRequest): void {
    const asked = this.#asked.get(request.id);
    if (asked) asked.count += 1;
    else {
      this.#asked.set(request.id, { request, count: 1 });
      this.#track(link, put(link, request).then(() => this.#look(link, request)));
    }
  }

  /** Settles a request whose job is over, and puts it again when the job is gone: another producer read a failure. */
  async #look(link: Link, request: DatagenRequest): Promise<void> {
    const state = await link.queue.getJobState(request.id);
    if (!this.#asked.has(request.id)) return;
    if (state === 'unknown') await put(link, request);
    else if (state === 'completed') {
      const job = await link.queue.getJob(request.id);
      if (job) this.#settle(request.id, job.returnvalue);
    } else if (state === 'failed') this.#settle(request.id, undefined);
  }

  #settle(id: string, value: unknown): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    this.#asked.delete(id);
    const answer = parseQueueAnswer(id, value);
    for (let index = 0; index < asked.count; index += 1) this.#ready.push(answer);
    this.#wake();
  }

  #sweep(link: Link): void {
    this.#track(link, forgetRead(link, Date.now() - this.#options.keepReadMs));
    for (const { request } of this.#asked.values()) this.#track(link, this.#look(link, request));
  }

  #track(link: Link, work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => this.#fail(link.failed(error)))
      .finally(() => {
        this.#work.delete(settled);
        this.#wake();
      });
    this.#work.add(settled);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  async #close(link: Link | undefined): Promise<void> {
    this.#isClosed = true;
    this.#failure ??= { error: undefined };
    if (link) {
      const { queue, events, redis, sweeps, close } = link;
      clearInterval(sweeps);
      // Commands that Redis has not answered end with the connection.
      redis.disconnect();
      await close(Promise.allSettled([queue.close(), events.close(), ...this.#work]));
    }
    if (this.#isRead) return;
    const ended = Promise.resolve(this.#source.return?.());
    // A source that is stuck in its next request can't end before that, and an abort waits for nothing.
    if (this.#isReading || this.#options.signal?.aborted) ended.catch(() => undefined);
    else await ended;
  }
}

async function put({ queue }: Link, request: DatagenRequest): Promise<void> {
  await queue.add('request', request, { jobId: request.id, removeOnComplete: false, removeOnFail: false });
}

// Times of reading by id; ids of jobs are hexadecimal, so that this key is none of theirs.
const readKey = (queue: Queue): string => queue.toKey('read');

async function markRead({ queue, redis }: Link, { id, ok }: DatagenAnswer): Promise<void> {
  if (ok) await redis.zadd(readKey(queue), Date.now(), id);
  else await queue.remove(id);
}

/** Removes answers that were read before a time of day, in ms. */
async function forgetRead({ queue, redis }: Link, before: number): Promise<void> {
  const ids = await redis.zrangebyscore(readKey(queue), '-inf', before, 'LIMIT', 0, 1_000);
  // Of several producers the one that takes the id out removes the job.
  for (const id of ids) if ((await redis.zrem(readKey(queue), id)) === 1) await queue.remove(id);
}
