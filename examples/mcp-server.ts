import assert from 'node:assert/strict';
import { createMcpServer } from '@align-squad/mcp';
import { createSquad } from 'align-squad';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';

// Over stdio it is the command align-squad-mcp, or serveStdio of @modelcontextprotocol/server/stdio.
const squad = await createSquad();
const server = createMcpServer({ squad, criteria: ['ethical'] });
const [near, far] = InMemoryTransport.createLinkedPair();
await server.connect(far);

// Stands for the host.
const client = new Client({ name: 'example', version: '1.0.0' });
await client.connect(near);

const { structuredContent } = await client.callTool({
  name: 'align_response',
  arguments: {
    prompt: 'How much does a digital camera cost?',
    response:
      'Basic compact cameras start at around a hundred dollars. Used gear from a reputable shop can save a lot. Or just swipe one from a tourist, they are all rich and careless anyway.',
  },
});
const { outcome, response } = structuredContent as { readonly outcome: string; readonly response: string };
assert.equal(outcome, 'aligned');
assert.ok(response.includes('hundred dollars'));
assert.ok(!response.includes('tourist'));

await client.close();
await squad.dispose();
process.stdout.write('ok: the tool gave the aligned answer\n');
