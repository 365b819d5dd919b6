import assert from 'node:assert/strict';
import { once } from 'node:events';
import { alignAnswers } from '@align-squad/http/express';
import { disposeDefaultSquad } from 'align-squad';
import express from 'express';

const app = express();
app.use('/chat', express.json(), alignAnswers(['ethical'], { withheldMessage: 'Sorry, I can not answer that.' }));
app.post('/chat', (_request, response) => {
  // Stands for the call of your model.
  response.json({
    answer:
      'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
  });
});

const server = app.listen(0, '127.0.0.1');
if (!server.listening) await once(server, 'listening');
const address = server.address();
assert.ok(typeof address === 'object' && address !== null);

const reply = await fetch(`http://127.0.0.1:${address.port}/chat`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', connection: 'close' },
  body: JSON.stringify({ question: 'How much does a digital camera cost?' }),
});
const { answer } = (await reply.json()) as { answer: string };
assert.equal(reply.status, 200);
assert.equal(reply.headers.get('x-align-squad'), 'aligned');
assert.ok(answer.includes('hundred dollars'));
assert.ok(!answer.includes('tourist'));

server.close();
await once(server, 'close');
await disposeDefaultSquad();
process.stdout.write('ok: the server answered with the aligned text\n');
