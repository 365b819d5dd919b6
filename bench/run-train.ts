import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { percentile } from '@align-squad/eval';
import { runJson } from './run-child.js';
import type { EngineRun, ToyRun, TrainBench, TrainComparison } from './train-bench.js';

const rounds = 3;
const steps = '10';
const models = { encoder: 'encoder 4x256, batch 16x128', decoder: 'decoder 6x384, batch 16x128' } as const;
const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const node = (file: string, ...args: string[]): [string, string[]] => [process.execPath, [...process.execArgv, path(file), ...args]];

/** Runs both engines in turn, each in a process of its own, then the toy; undefined when a run of ours failed. */
export async function runTrain(): Promise<TrainBench | undefined> {
  const python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
  const comparisons: TrainComparison[] = [];
  for (const [kind, model] of Object.entries(models)) {
    const ours: EngineRun[] = [];
    const torch: EngineRun[] = [];
    for (let round = 0; round < rounds; round++) {
      const own = await runJson<EngineRun>(...node('train/step.ts', kind, steps));
      if (own === undefined) return undefined;
      ours.push(own);
      const other = python === undefined ? undefined : await runJson<EngineRun>(python, [path('train/torch_step.py'), kind, steps]);
      if (other !== undefined) torch.push(other);
    }
    comparisons.push({ model, ours: medianOf(ours), ...(torch.length === 0 ? {} : { torch: medianOf(torch) }) });
  }
  const toy = await runJson<ToyRun>(...node('train/toy.ts'));
  return toy && { rounds, comparisons, toy };
}

function medianOf(runs: readonly EngineRun[]): EngineRun {
  const [first] = runs;
  const median = (of: (run: EngineRun) => number): number => percentile(runs.map(of), 50);
  return {
    engine: first?.engine ?? '',
    parameters: first?.parameters ?? 0,
    tokensPerSecond: median(({ tokensPerSecond }) => tokensPerSecond),
    peakBytes: median(({ peakBytes }) => peakBytes),
  };
}
