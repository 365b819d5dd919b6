import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { alignFetch } from '@align-squad/openai';
import { disposeDefaultSquad } from 'align-squad';
import OpenAI from 'openai';

const answer =
  'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.';

// Stands for the API of your model.
const upstream = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += String(piece);
  const base = { id: 'c', created: 1, model: 'mock' };
  if (!body.includes('"stream":true')) {
    const message = { role: 'assistant', content: answer, refusal: null };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] }));
    return;
  }
  response.setHeader('content-type', 'text/event-stream');
  const deltas = [{ role: 'assistant', content: '' }, ...answer.split(/(?<= )/).map((content) => ({ content })), {}];
  deltas.forEach((delta, index) => {
    const choices = [{ index: 0, delta, finish_reason: index === deltas.length - 1 ? 'stop' : null }];
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices })}\n\n`);
  });
  response.end('data: [DONE]\n\n');
}).listen(0, '127.0.0.1');
await once(upstream, 'listening');
const address = upstream.address();
assert.ok(typeof address === 'object' && address !== null);

const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${address.port}/v1`, fetch: alignFetch(['ethical']) });
const request = { model: 'mock', messages: [{ role: 'user' as const, content: 'How much does a digital camera cost?' }] };

const { data, response } = await client.chat.completions.create(request).withResponse();
assert.equal(response.headers.get('x-align-squad'), 'aligned');
const content = data.choices[0]?.message.content ?? '';
assert.ok(content.includes('compact cameras'));
assert.ok(!content.includes('tourist'));

let streamed = '';
for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) streamed += chunk.choices[0]?.delta.content ?? '';
assert.ok(streamed.includes('compact cameras'));
assert.ok(!streamed.includes('tourist'));

upstream.close();
upstream.closeAllConnections();
await once(upstream, 'close');
await disposeDefaultSquad();
process.stdout.write('ok: the client got the aligned answer, whole and streamed\n');
