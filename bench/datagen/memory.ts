// A run of many records with a scripted model in the same process; prints JSON with its peak memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ethical } from '@align-squad/core';
import { generateDataset, type Executor } from '@align-squad/datagen';
import { scriptedAnswer } from '../../packages/datagen/src/testing/scripted-model.js';

const records = Number(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'align-squad-datagen-'));
const executor: Executor = {
  name: 'scripted',
  async *run(requests) {
    for await (const { id, body } of requests) {
      const text = scriptedAnswer({ model: body.model, messages: [...body.messages] });
      yield { id, ok: true, text, isComplete: true, usage: { input: 1, output: 1 } };
    }
  },
};
const started = performance.now();
let split = {};
for await (const event of generateDataset({ criterion: ethical, count: records, model: 'scripted', topics: 2000 }, { directory: join(folder, 'run'), executor })) {
  if (event.type === 'dataset-end') split = event.card.split;
}
await rm(folder, { recursive: true });
process.stdout.write(`${JSON.stringify({ records, split, seconds: (performance.now() - started) / 1000, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`);
