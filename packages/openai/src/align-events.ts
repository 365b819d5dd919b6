import { alignParts, type PartRole } from '@align-squad/squad';
import type { AlignedTexts } from './aligned-texts.js';
import type { Json } from './json.js';
import { readServerEvents, writeServerEvent, type ServerEvent } from './sse.js';

/** A piece of an event, and what it is to the squad. */
export interface EventPart extends ServerEvent {
  readonly role: PartRole;
  /** Text that clients get from a later event only. */
  readonly isHidden?: true | undefined;
}

/** How the events of one answer are read and written. */
export interface EventProtocol {
  /** The parts of an event with an object; nothing of raw text may be in a part that passes. */
  readonly split: (data: Json) => readonly Pick<EventPart, 'role' | 'data' | 'isHidden'>[];
  /** The object that gives released text, made like the last raw one. */
  readonly textData: (text: string, like: Json) => Json;
  /** The object of an `end` part, with the texts aligned so far. */
  readonly endData: (data: Json) => Json;
  /** The last touch of what is written. @default the object itself */
  readonly writeData?: ((data: Json) => Json) | undefined;
}

/** Aligns a stream of server-sent events; cancelling the result cancels `body` and the alignment. */
export function alignEvents(body: ReadableStream<Uint8Array>, texts: AlignedTexts, protocol: EventProtocol): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  let isDone = false;
  const split = (event: ServerEvent): readonly EventPart[] => {
    // clients read no further
    if (isDone) return [];
    isDone = event.data === 'done';
    return splitEvent(event, protocol);
  };
  const parts = body.pipeThrough(readServerEvents(split), { signal: stop.signal });
  const withData = (part: EventPart, change: (data: Json) => Json): EventPart => {
    if (typeof part.data === 'string') return part;
    const data = change(part.data);
    // text may be given by another event than brought it
    return { ...part, event: part.event !== undefined && typeof data['type'] === 'string' ? data['type'] : part.event, data };
  };
  const aligned = alignParts(parts, {
    roleOf: ({ role }) => role,
    align: (source, id, signal) => texts.alignStream(source, id, [signal, stop.signal]),
    textPart: (text, like) => withData(like, (data) => protocol.textData(text, data)),
    endPart: (part) => withData(part, protocol.endData),
  });
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        for (;;) {
          const { done, value } = await aligned.next();
          if (done === true) return controller.close();
          if (value.isHidden === true) continue;
          return controller.enqueue(writeServerEvent(withData(value, protocol.writeData ?? ((data) => data))));
        }
      },
      cancel: async (reason) => {
        // a part that is still to come would keep the generator from returning
        stop.abort(reason);
        await aligned.return();
      },
    },
    { highWaterMark: 0 },
  );
}

function splitEvent(event: ServerEvent, { split }: EventProtocol): readonly EventPart[] {
  if (event.data === 'comment') return [{ ...event, role: { kind: 'pass' } }];
  if (event.data === 'done') return [{ ...event, role: { kind: 'end' } }];
  return split(event.data).map((part) => ({ ...event, ...part }));
}
