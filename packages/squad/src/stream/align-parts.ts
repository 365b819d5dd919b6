import { readSource, type SourceReader } from '../source-reader.js';
import type { StreamEnd, StreamEvent } from './events.js';
import { toIterable } from './open-text-source.js';
import { createTextChannel, type TextChannel } from './text-channel.js';

/** What a part of a framework's stream is to the squad. */
export type PartRole =
  /** A piece of the text `id`: held until the squad releases it. */
  | { readonly kind: 'text'; readonly id: string; readonly text: string }
  /** The texts `ids`, or all that are open, are complete; the part waits until what passes of them was given. */
  | { readonly kind: 'end'; readonly ids?: readonly string[] | undefined }
  /** Holds no text of the answer and goes on at once. */
  | { readonly kind: 'pass' }
  /** Repeats raw text and is not given. */
  | { readonly kind: 'drop' };

/** How the parts of a stream are read and written. */
export interface AlignPartsOptions<P> {
  readonly roleOf: (part: P) => PartRole;
  /** Aligns one text, as `squad.alignStream` does; its signal aborts when nobody reads on. */
  readonly align: (source: ReadableStream<string>, id: string, signal: AbortSignal) => AsyncIterable<StreamEvent>;
  /** The part that gives released text, made like the last raw part of the same text. */
  readonly textPart: (text: string, like: P) => P;
  /** The part of an `end`, once its texts are aligned; `ends` holds those of all texts so far. @default the part itself */
  readonly endPart?: ((part: P, ends: ReadonlyMap<string, StreamEnd>) => P) | undefined;
  /** Parts to give after the source ended, such as reports. @default none */
  readonly closing?: ((ends: ReadonlyMap<string, StreamEnd>) => readonly P[]) | undefined;
}

type Item<P> = { readonly part: P } | { readonly error: unknown };

// parts that wait to be read, before the source waits too
const queueLength = 16;

/**
 * Aligns the texts within a stream of parts: text is held and released as `align` says, everything else goes on.
 * Texts of different ids are aligned side by side. A source that fails drops what is held of unfinished sentences, and
 * its error comes untouched after what was complete. Leaving early aborts `align` and lets the source go.
 */
export async function* alignParts<P>(
  source: AsyncIterable<P> | ReadableStream<P>,
  options: AlignPartsOptions<P>,
): AsyncGenerator<P, void, undefined> {
  // each item of the source is a part, which only `roleOf` can tell
  const reader = readSource(toIterable(source) as AsyncIterable<P>, (error) => error);
  const stop = new AbortController();
  const queue = new TransformStream<Item<P>, Item<P>>(undefined, { highWaterMark: queueLength });
  const writer = queue.writable.getWriter();
  // said by each write
  writer.closed.catch(() => undefined);
  const running = run(reader, { ...options, stop: stop.signal, write: (part) => writer.write({ part }) }).then(
    () => writer.close(),
    (error: unknown) => writer.write({ error }).then(() => writer.close()),
  );
  // a reader that left hears of nothing
  running.catch(() => undefined);
  try {
    for await (const item of queue.readable) {
      if ('error' in item) throw item.error;
      yield item.part;
    }
  } finally {
    stop.abort();
    await reader.close();
  }
}

interface Run<P> extends AlignPartsOptions<P> {
  readonly stop: AbortSignal;
  readonly write: (part: P) => Promise<void>;
}

async function run<P>(reader: SourceReader<P>, options: Run<P>): Promise<void> {
  const open = new Map<string, TextChannel<P>>();
  const ends = new Map<string, StreamEnd>();
  const finish = async (ids: readonly string[]): Promise<void> => {
    const channels = ids.flatMap((id) => open.get(id) ?? []);
    for (const id of ids) open.delete(id);
    await Promise.all(channels.map((channel) => channel.end()));
  };
  const place = async (part: P): Promise<void> => {
    const role = options.roleOf(part);
    if (role.kind === 'text') {
      const channel = open.get(role.id) ?? createTextChannel(role.id, part, { ...options, onEnd: (end) => ends.set(role.id, end) });
      open.set(role.id, channel);
      await channel.write(role.text, part);
    } else if (role.kind === 'end') {
      await finish(role.ids ?? [...open.keys()]);
      await options.write(options.endPart ? options.endPart(part, ends) : part);
    } else if (role.kind === 'pass') await options.write(part);
  };
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done === true) break;
      await place(next.value);
    }
    await finish([...open.keys()]);
    for (const part of options.closing?.(ends) ?? []) await options.write(part);
  } catch (error) {
    await Promise.allSettled([...open.values()].map((channel) => channel.fail(error)));
    throw error;
  }
}
