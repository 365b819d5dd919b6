import { EventEmitter } from 'node:events';

/** What a route writes, held for whoever reads `stream`. */
export interface HeldBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Tells whoever writes when there is room again, as `drain`. */
  readonly events: EventEmitter;
  /** False while there is no room; what is written after the stream was let go is thrown away. */
  readonly write: (chunk: Uint8Array) => boolean;
  readonly end: () => void;
}

// as Node's own streams hold
const heldBytes = 16_384;

/** Opens a body that a route writes to. */
export function createHeldBody(): HeldBody {
  const events = new EventEmitter();
  let isOpen = true;
  let isFull = false;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const drain = (): void => {
    if (isFull) process.nextTick(() => events.emit('drain'));
    isFull = false;
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: drain,
      cancel: () => {
        isOpen = false;
        drain();
      },
    },
    { highWaterMark: heldBytes, size: (chunk) => chunk.byteLength },
  );
  return {
    stream,
    events,
    write: (chunk) => {
      if (!isOpen || controller === undefined) return true;
      controller.enqueue(chunk);
      isFull = (controller.desiredSize ?? 1) <= 0;
      return !isFull;
    },
    end: () => {
      if (isOpen) controller?.close();
      isOpen = false;
    },
  };
}
