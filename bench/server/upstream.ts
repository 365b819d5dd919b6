// The mock of an OpenAI-compatible API: answers at once from bytes made before, streams an event a word.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answers, type RequestKind } from './answers.js';
import { answerParent } from './child.js';

const fields = { id: 'chatcmpl-1', created: 1, model: 'mock' };

const plainBody = (content: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...fields,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 150, total_tokens: 160 },
    }),
  );

function streamEvents(content: string): Buffer[] {
  const deltas = [{ role: 'assistant', content: '' }, ...content.split(/(?<= )/).map((word) => ({ content: word })), {}];
  const chunks = deltas.map((delta, index) =>
    JSON.stringify({ ...fields, object: 'chat.completion.chunk', choices: [{ index: 0, delta, logprobs: null, finish_reason: index === deltas.length - 1 ? 'stop' : null }] }),
  );
  return [...chunks, '[DONE]'].map((data) => Buffer.from(`data: ${data}\n\n`));
}

const prepared: Readonly<Record<RequestKind['answer'], { readonly body: Buffer; readonly events: readonly Buffer[] }>> = {
  clean: { body: plainBody(answers.clean), events: streamEvents(answers.clean) },
  misaligned: { body: plainBody(answers.misaligned), events: streamEvents(answers.misaligned) },
};

function respond(response: ServerResponse, requestText: string): void {
  // what `requestBody` made, also after the proxy
  const { model, stream } = JSON.parse(requestText) as { model: RequestKind['answer']; stream?: boolean };
  const { body, events } = prepared[model];
  if (stream !== true) return void response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(event);
  response.end();
}

const server = createServer((request, response) => {
  void text(request).then((requestText) => respond(response, requestText));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
// of a server that listens on a port
answerParent({ port: (server.address() as AddressInfo).port }, () => ({}));
