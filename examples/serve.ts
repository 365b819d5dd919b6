import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from '@align-squad/server';
import { createSquad } from 'align-squad';

const answer =
  'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.';

// Stands for the API of your model.
const upstream = createHttpServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'text/event-stream');
    const deltas = [...answer.split(/(?<= )/).map((content) => ({ content })), {}];
    deltas.forEach((delta, index) => {
      const choices = [{ index: 0, delta, finish_reason: index === deltas.length - 1 ? 'stop' : null }];
      response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'mock', choices })}\n\n`);
    });
    response.end('data: [DONE]\n\n');
  });
}).listen(0, '127.0.0.1');
await once(upstream, 'listening');
const address = upstream.address();
assert.ok(typeof address === 'object' && address !== null);

const squad = await createSquad();
const server = createServer({ squad, criteria: ['ethical'], upstream: `http://127.0.0.1:${address.port}/v1`, keys: ['secret'] });
await server.ready;
const { port, close } = await server.listen({ port: 0 });

const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
  body: JSON.stringify({ model: 'mock', stream: true, messages: [{ role: 'user', content: 'How much does a digital camera cost?' }] }),
});
const events = await reply.text();
assert.equal(reply.status, 200);
assert.ok(events.includes('reputable shop') && events.includes('[DONE]'));
assert.ok(!events.includes('tourist'));

await close();
await squad.dispose();
upstream.closeAllConnections();
upstream.close();
process.stdout.write('ok: the stream through the server lost its third sentence\n');
