import assert from 'node:assert/strict';
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { createSquad, type DisposableSquad } from 'align-squad';
import { Hono, type MiddlewareHandler } from 'hono';

/** Aligns the `answer` of every JSON reply to a `{ question }`, and withholds what can't be fixed. */
function alignAnswers(squad: DisposableSquad): MiddlewareHandler {
  return async (context, next) => {
    const { question } = await context.req.json<{ question: string }>();
    await next();
    if (!context.res.ok) return;
    const reply = (await context.res.json()) as { answer: string };
    const { outcome, response } = await squad.align(
      { prompt: question, response: reply.answer },
      { criteria: ['ethical'], signal: context.req.raw.signal, onUnfixed: { block: 'Sorry, I can not answer that.' } },
    );
    context.res = context.json({ ...reply, answer: response });
    context.header('x-align-outcome', outcome);
  };
}

const squad = await createSquad();
const app = new Hono();
app.use('/chat', alignAnswers(squad));
app.post('/chat', (context) =>
  // Stands for the call of your model.
  context.json({
    answer:
      'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
  }),
);

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
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
assert.equal(reply.headers.get('x-align-outcome'), 'aligned');
assert.ok(!answer.includes('tourist'));

server.close();
await once(server, 'close');
await squad.dispose();
process.stdout.write('ok: the server answered with the aligned text\n');
