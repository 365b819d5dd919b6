import type { StreamEnd, StreamEvent } from './events.js';

/** One text within a stream of parts, on its way through the squad. */
export interface TextChannel<P> {
  /** Takes a piece of raw text; waits while the squad has enough to read. Rejects with what the alignment failed with. */
  readonly write: (text: string, part: P) => Promise<void>;
  /** The text is complete: settles when all that is released of it was given. */
  readonly end: () => Promise<void>;
  /** The source failed: what is held of an unfinished sentence is dropped. */
  readonly fail: (reason: unknown) => Promise<void>;
}

/** What a channel needs. */
export interface TextChannelOptions<P> {
  readonly align: (source: ReadableStream<string>, id: string, signal: AbortSignal) => AsyncIterable<StreamEvent>;
  readonly textPart: (text: string, like: P) => P;
  readonly write: (part: P) => Promise<void>;
  readonly onEnd: (end: StreamEnd) => void;
  readonly stop: AbortSignal;
}

/** Opens a channel whose first piece is in `first`; its text is aligned while it is written. */
export function createTextChannel<P>(id: string, first: P, options: TextChannelOptions<P>): TextChannel<P> {
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  // said by each write
  writer.closed.catch(() => undefined);
  let like = first;
  const aligned = (async (): Promise<void> => {
    for await (const event of options.align(readable, id, options.stop)) {
      if (event.type === 'end') options.onEnd(event);
      else if (event.type === 'text' && event.text !== '') await options.write(options.textPart(event.text, like));
    }
  })();
  // asked for below
  aligned.catch(() => undefined);
  const unlessFailed = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      // what the alignment failed with tells more than that nobody reads
      await aligned;
      throw error;
    }
  };
  return {
    write: (text, part) => {
      like = part;
      // text that the alignment left unread must not be waited for
      return unlessFailed(Promise.race([writer.write(text), aligned]));
    },
    end: async () => {
      await unlessFailed(Promise.race([writer.close(), aligned]));
      await aligned;
    },
    fail: async (reason) => {
      // settles only when a piece that is under way was read, which may be never
      writer.abort(reason).catch(() => undefined);
      await aligned;
    },
  };
}
