import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ColdStart, LoadBench } from '../load-bench.js';
import { runJson } from '../run-child.js';
import { spreadOf, type Spread } from '../spread.js';

const rounds = 15;
const variants = [0, 1, 2];

/** Starts cold processes of the built packages in turn; undefined when one failed or nothing is built. */
export async function runLoad(): Promise<LoadBench | undefined> {
  if (!existsSync(new URL('../../packages/align-squad/dist/index.js', import.meta.url))) {
    process.stderr.write('Nothing is built: run `npm run build` first.\n');
    return undefined;
  }
  const file = fileURLToPath(new URL('./cold-start.mjs', import.meta.url));
  const runs = new Map<number, ColdStart[]>(variants.map((workers) => [workers, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const workers of variants) {
      // Without the flags of this process: what users start is plain node on what is built.
      const run = await runJson<ColdStart>(process.execPath, [file, String(workers)]);
      if (run === undefined) return undefined;
      // The first round brings the files into the system's cache.
      if (round >= 0) runs.get(workers)?.push(run);
    }
  }
  return { rounds, variants: variants.map((workers) => ({ workers, ...spreads(runs.get(workers) ?? []) })) };
}

function spreads(runs: readonly ColdStart[]): Record<keyof ColdStart, Spread> {
  const of = (measure: keyof ColdStart): Spread => spreadOf(runs.map((run) => run[measure]));
  return {
    nodeMs: of('nodeMs'),
    importMs: of('importMs'),
    loadMs: of('loadMs'),
    firstInspectionMs: of('firstInspectionMs'),
    cpuMs: of('cpuMs'),
    residentMB: of('residentMB'),
    busyMB: of('busyMB'),
  };
}
