import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPackAligner } from '@align-squad/aligner';
import { openPack } from '@align-squad/onnx';
import { runTask } from '../../packages/train/src/tasks/run-task.js';
import type { ResolvedTrainConfig } from '../../packages/train/src/tasks/train-config.js';
import { readCheckpoint } from '../../packages/train/src/trainer/checkpoint.js';
import type { TrainEvent } from '../../packages/train/src/trainer/train-event.js';
import type { JobKind } from './job.js';
import { prepare } from './prepare.js';
import { readConfig } from './read-config.js';
import { copyWork, disturbStart, python, runScript, writeConfig } from './test-support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'align-squad-gpu-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function runNode(config: ResolvedTrainConfig): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of runTask(config)) events.push(event);
  return events;
}

function metricsOf(events: readonly TrainEvent[]): Readonly<Record<string, number>> {
  const last = events.at(-1);
  return last?.type === 'pack-end' ? last.metrics : {};
}

const kinds: readonly JobKind[] = ['decoder', 'encoder-decoder', 'edit-tagger', 'inspector', 'encoder-classifier'];

describe.skipIf(python === undefined)(`PyTorch${python === undefined ? ' (skipped: neither python3 nor /usr/bin/python3 has torch and numpy)' : ''}`, () => {
  test.each(kinds)('has the losses of the training in Node, step by step: %s', async (kind) => {
    const config = await readConfig(await writeConfig(folder, kind));
    const { work } = await prepare(config);
    const plan = JSON.parse(await readFile(join(work, 'gpu/plan.json'), 'utf8')) as { checkpoint: string; fingerprint: string };
    await disturbStart(work, plan.checkpoint, plan.fingerprint);
    const copy = await copyWork(work);
    const [script, node] = await Promise.all([runScript(kind, ['--work', copy]), runNode(config)]);

    const check = script.find(({ type }) => type === 'check');
    expect(check?.loss).toBeGreaterThan(0);
    expect(relative(check?.loss, check?.expected)).toBeLessThan(1e-4);
    const steps = node.filter((event) => event.type === 'step-end');
    const others = script.filter(({ type }) => type === 'step-end');
    expect(others).toHaveLength(steps.length);
    expect(steps.length).toBeGreaterThan(3);
    steps.forEach(({ loss, learningRate, gradientNorm }, at) => {
      expect(relative(others[at]?.loss, loss), `loss of step ${at + 1}`).toBeLessThan(1e-4);
      expect(relative(others[at]?.learningRate, learningRate)).toBeLessThan(1e-9);
      expect(relative(others[at]?.gradientNorm, gradientNorm), `gradient of step ${at + 1}`).toBeLessThan(1e-3);
    });
    const end = node.find((event) => event.type === 'train-end');
    const saved = await readCheckpoint(join(copy, plan.checkpoint), plan.fingerprint);
    expect(saved?.position.step).toBe(end?.step);
    expect(saved?.position.bestScore).toBeCloseTo(end?.bestScore ?? Number.NaN, 3);
    if (kind === 'encoder-classifier') expect(end?.reason).toBe('early-stopping');

    // Node goes on with the checkpoint of the script, and only writes the pack.
    await rename(copy, work);
    const finished = await runNode(config);
    expect(finished.filter(({ type }) => type === 'step-end')).toEqual([]);
    expect(metricsOf(finished)).toEqual(Object.fromEntries(Object.entries(metricsOf(node)).map(([name, value]) => [name, expect.closeTo(value, 3) as number])));
    expect((await openPack(config.out)).manifest.training?.['task']).toBe(config.task);
  });

  test('writes a pack by one command, with the manifest of a training in Node', async () => {
    const file = await writeConfig(folder, 'decoder');
    const events = await runScript('decoder', ['--config', file]);
    const pack = await openPack(join(folder, 'pack'));
    const config = await readConfig(file);
    const out = join(folder, 'by-node');
    await runNode({ ...config, out });
    const byNode = (await openPack(out)).manifest;
    expect(events.at(-1)?.type).toBe('pack-end');
    expect({ ...pack.manifest.training }).toEqual(byNode.training);
    expect(pack.manifest.aligner).toEqual(byNode.aligner);
    expect(Object.keys(pack.manifest.files)).toEqual(Object.keys(byNode.files));
    expect(Number(pack.manifest.metrics?.['held.loss'])).toBeCloseTo(Number(byNode.metrics?.['held.loss']), 3);
    await using aligner = await createPackAligner(pack);
    expect(aligner.criteria).toEqual(['kind']);
  });
});

test('what only Node trains is refused before anything is written', async () => {
  const config = await readConfig(await writeConfig(folder, 'decoder'));
  await expect(prepare({ ...config, method: 'lora' })).rejects.toMatchObject({ code: 'invalid-options' });
  await expect(prepare({ ...config, aligner: { ...config.aligner, objective: 'preference' } })).rejects.toMatchObject({ code: 'invalid-options' });
});

function relative(value = Number.NaN, expected = Number.NaN): number {
  return Math.abs(value - expected) / Math.abs(expected);
}
