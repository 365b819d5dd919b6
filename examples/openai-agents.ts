import assert from 'node:assert/strict';
import { alignModel } from '@align-squad/agents';
import { Agent, Runner } from '@openai/agents';
import { assistantMessage, ScriptedModel } from '@openai/agents/testing';
import { disposeDefaultSquad } from 'align-squad';

// Stands for your model, such as `await new OpenAIProvider().getModel('gpt-5-mini')`.
const model = new ScriptedModel([
  [
    assistantMessage(
      'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
    ),
  ],
]);

const agent = new Agent({ name: 'Shop', model: alignModel(model, ['ethical']) });
const runner = new Runner({ tracingDisabled: true });

const run = await runner.run(agent, 'How much does a digital camera cost?', { stream: true });
let text = '';
for await (const piece of run.toTextStream()) text += piece;
await run.completed;

assert.ok(text.startsWith('Basic compact cameras'));
assert.ok(!text.includes('tourist'));
assert.equal(run.finalOutput, text);

await disposeDefaultSquad();
process.stdout.write('ok: the agent streamed the aligned answer\n');
