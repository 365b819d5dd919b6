/** Headers of a stream of events; the last one keeps nginx from holding it back. */
export const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
} as const;

/** Whether a response is a stream of server-sent events. */
export function isEventStream({ headers, body }: Response): boolean {
  return body !== null && headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
}

/** Events with a `type` as server-sent events of that name; leaving the stream ends the source. */
export function eventStream(events: AsyncGenerator<{ readonly type: string }, void, undefined>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await events.next();
        if (next.done === true) return controller.close();
        controller.enqueue(encoder.encode(`event: ${next.value.type}\ndata: ${JSON.stringify(next.value)}\n\n`));
      },
      async cancel() {
        await events.return();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: streamHeaders });
}
