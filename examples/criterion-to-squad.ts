// From a criterion file to a squad: data from an LLM server, an inspector and an aligner trained on it, a response aligned.
// For a criterion of your own only the file changes. The server here is scripted; give the address of a real one instead.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCriterion } from '@align-squad/core';
import { createOnlineExecutor, generateDataset } from '@align-squad/datagen';
import { trainPack } from '@align-squad/train';
import { createSquad } from 'align-squad';
import { startScriptedLlm } from './support/scripted-llm.js';

const criterion = parseCriterion(JSON.parse(await readFile(new URL('./criteria/calm.json', import.meta.url), 'utf8')));
const folder = await mkdtemp(join(tmpdir(), 'criterion-to-squad-'));
const llm = await startScriptedLlm();

const executor = createOnlineExecutor({ baseUrl: llm.baseUrl, concurrency: 8 });
const directory = join(folder, 'run');
for await (const event of generateDataset({ criterion, count: 240, model: 'scripted', topics: 30 }, { directory, executor })) {
  if (event.type === 'dataset-end') process.stdout.write(`dataset: ${event.card.split.train} records to train on, ${event.card.split.dev} held out\n`);
}
llm.close();

const dataset = { data: [join(directory, 'dataset/train.jsonl')], dev: [join(directory, 'dataset/dev.jsonl')], criteria: [{ id: criterion.id }] };
const shape = { width: 48, layers: 2, vocabularySize: 600 };
const inspector = await trainPack({ ...dataset, task: 'inspector', out: join(folder, 'inspector'), epochs: 4, inspector: { shape: { ...shape, maxTokens: 128 } } });
process.stdout.write(`inspector: AUROC ${inspector.metrics[`auroc.${criterion.id}`]} on held-out prompts\n`);
const aligner = await trainPack({ ...dataset, task: 'aligner', out: join(folder, 'aligner'), epochs: 20, learningRate: 3e-3, aligner: { design: 'edit-tagger', shape } });
process.stdout.write(`aligner: ${Math.round(100 * (aligner.metrics['rewrites.exact'] ?? 0))} % of held-out responses corrected to the letter\n`);

const squad = await createSquad({ pack: [inspector.directory, aligner.directory] });
const { outcome, response } = await squad.align({
  prompt: 'What about a tin kettle?',
  response: 'Clean the tin with a damp cloth. Stop everything this very second! Dry the kettle before you store it.',
});
await squad.dispose();
await rm(folder, { recursive: true });
assert.equal(outcome, 'aligned');
assert.equal(response, 'Clean the tin with a damp cloth. Dry the kettle before you store it.');
process.stdout.write(`ok: ${response}\n`);
