import { expect, test } from 'vitest';
import { followBody } from './follow-body.js';

const lastWords = (error: unknown): Uint8Array => new TextEncoder().encode(`last: ${String(error)}`);
const never = new AbortController().signal;

function follow(source: UnderlyingDefaultSource<Uint8Array>, signal = never): { readonly body: ReadableStream<Uint8Array>; readonly ends: () => number } {
  let ends = 0;
  const body = followBody(new ReadableStream(source), { signal, lastWords, onEnd: () => (ends += 1) });
  return { body, ends: () => ends };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('bytes go through, and the end is said once', async () => {
  const { body, ends } = follow({
    start(controller) {
      controller.enqueue(bytes('a'));
      controller.enqueue(bytes('b'));
      controller.close();
    },
  });
  expect([await new Response(body).text(), ends()]).toEqual(['ab', 1]);
});

test('a body that fails ends with its last words', async () => {
  let isRead = false;
  const { body, ends } = follow({
    pull(controller) {
      if (isRead) controller.error('broken');
      else controller.enqueue(bytes('a '));
      isRead = true;
    },
  });
  expect([await new Response(body).text(), ends()]).toEqual(['a last: broken', 1]);
});

test('a body that hangs ends when its signal aborts, and its source hears why', async () => {
  const controller = new AbortController();
  const cancelled: unknown[] = [];
  const { body, ends } = follow({ pull: () => new Promise(() => undefined), cancel: (reason) => void cancelled.push(reason) }, controller.signal);
  const text = new Response(body).text();
  controller.abort('late');
  expect([await text, cancelled, ends()]).toEqual(['last: late', ['late'], 1]);
});

test('a body that is left ends, and its source hears of it', async () => {
  const cancelled: unknown[] = [];
  const { body, ends } = follow({ cancel: (reason) => void cancelled.push(reason) });
  await body.cancel('enough');
  expect([cancelled, ends()]).toEqual([['enough'], 1]);
});
