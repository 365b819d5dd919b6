import { expect, test } from 'vitest';
import { readEvents } from './read-events.js';

const bytes = new TextEncoder().encode('event: text\ndata: {"text":"Käse"}\n\ndata: 2\n\n: idle\n\ndata: {"cut"');

test.each([1, 2, 7, 64])('events cut into pieces of %i bytes are read whole', async (size) => {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size));
  const read: unknown[] = [];
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  for await (const event of readEvents(source)) read.push(event);
  expect(read).toEqual([{ text: 'Käse' }, 2]);
});

test('leaving the events lets the source go', async () => {
  let isCancelled = false;
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('data: 1\n\n')),
    cancel: () => void (isCancelled = true),
  });
  for await (const _ of readEvents(source)) break;
  expect(isCancelled).toBe(true);
});
