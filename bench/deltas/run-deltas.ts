import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runJson } from '../run-child.js';
import type { DeltasBench, LatencyRun, MemoryRun, Quality } from './deltas-bench.js';
import { ruleCount } from './toy.js';

const memoryWays = ['1 full, float32', '8 full, float32', 'deltas, float32, cache 1', 'deltas, float32, cache 2', '1 full, int8', '8 full, int8', 'deltas, cache 1, int8', 'deltas, cache 2, int8'];

function child<T>(file: string, ...args: string[]): Promise<T | undefined> {
  return runJson<T>(process.execPath, [...process.execArgv, '--expose-gc', fileURLToPath(new URL(file, import.meta.url)), ...args]);
}

/** Trains a toy decoder and its fine-tunes, measures their deltas, and those of a larger decoder; undefined when a run failed. */
export async function runDeltas(): Promise<DeltasBench | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-deltas-'));
  try {
    const toy = await runToy(folder);
    const large = toy && (await runLarge(folder));
    return toy && large && { toy, large };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runToy(folder: string): Promise<DeltasBench['toy'] | undefined> {
  let trainingSeconds = 0;
  const rules = Array.from({ length: ruleCount + 1 }, (_, rule) => String(rule));
  for (const rule of rules) {
    const trained = await child<{ trainingSeconds: number }>('./train-toy.ts', folder, rule);
    if (trained === undefined) return undefined;
    trainingSeconds += trained.trainingSeconds;
  }
  const measured: { texts: number; quality: Quality[] }[] = [];
  for (const rule of rules.slice(1)) {
    const run = await child<{ texts: number; quality: Quality[] }>('./quality.ts', folder, rule);
    if (run === undefined) return undefined;
    measured.push(run);
  }
  return { rules: ruleCount, texts: measured[0]?.texts ?? 0, trainingSeconds, quality: meansOf(measured.map(({ quality }) => quality)) };
}

/** The mean of each way over the rules. */
export function meansOf(rules: readonly (readonly Quality[])[]): Quality[] {
  const mean = (at: number, of: (quality: Quality) => number): number => rules.reduce((sum, ways) => sum + (ways[at] ? of(ways[at]) : Number.NaN), 0) / rules.length;
  return (rules[0] ?? []).map(({ kept }, at) => ({
    kept,
    bytes: mean(at, ({ bytes }) => bytes),
    loss: mean(at, ({ loss }) => loss),
    exact: mean(at, ({ exact }) => exact),
    relativeError: mean(at, ({ relativeError }) => relativeError),
  }));
}

async function runLarge(folder: string): Promise<DeltasBench['large'] | undefined> {
  const made = await child<{ parameters: number; deltaSeconds: number }>('./large.ts', folder, 'make');
  const memory: MemoryRun[] = [];
  for (const way of memoryWays) {
    const run = made && (await child<MemoryRun>('./large.ts', folder, 'memory', way));
    if (run === undefined) return undefined;
    memory.push(run);
  }
  const timed = await child<{ latency: LatencyRun[] }>('./large.ts', folder, 'latency');
  return made && timed && { ...made, deltas: 8, memory, latency: timed.latency };
}
