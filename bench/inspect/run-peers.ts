import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { disposeDefaultSquad } from 'align-squad';
import type { PeerComparison, SideSpread } from '../inspect-bench.js';
import { roundsOr } from '../rounds.js';
import { runInTurn } from '../run-in-turn.js';
import { spreadOf } from '../spread.js';
import { criteria, pickExchanges } from './pick-exchanges.js';
import type { SideName } from './sides.js';
import { writePeer, writeRandom } from './write-models.js';

const rounds = roundsOr(9);
const warmUpRounds = 2;
const roundMs = 1000;
const groups: readonly (readonly SideName[])[] = [
  ['align-squad, one at a time', 'align-squad, workers', 'transformers.js, best settings', 'transformers.js, defaults'],
  ['one criterion', 'eight criteria'],
];

interface Round {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Measures the sides of each group in turn, round by round; undefined when a process failed. */
export async function runPeers(): Promise<PeerComparison | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-inspect-'));
  try {
    await writePeer(join(folder, 'peer'), criteria);
    for (const heads of [1, 8]) await writeRandom(join(folder, `heads-${heads}`), heads);
    const exchanges = (await pickExchanges()).map(({ exchange }) => exchange);
    await disposeDefaultSquad();
    await writeFile(join(folder, 'exchanges.json'), JSON.stringify(exchanges));
    const sides: SideSpread[] = [];
    for (const group of groups) {
      const measured = await runGroup(group, folder);
      if (measured === undefined) return undefined;
      sides.push(...measured);
    }
    return { rounds, roundMs, texts: exchanges.length, sides };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runGroup(names: readonly SideName[], folder: string): Promise<SideSpread[] | undefined> {
  const file = fileURLToPath(new URL('./side.ts', import.meta.url));
  const args = [folder, join(folder, 'exchanges.json'), String(roundMs)];
  const measured = await runInTurn<Round>({ file, sides: names, args, rounds, warmUpRounds });
  return measured && names.map((name, index) => summarize(name, measured[index] ?? [], measured[0] ?? []));
}

function summarize(side: SideName, own: readonly Round[], first: readonly Round[]): SideSpread {
  const ratios = (of: (round: Round) => number): number[] => own.flatMap((round, index) => (first[index] ? [of(round) / of(first[index])] : []));
  return {
    side,
    wallMs: spreadOf(own.map(({ wallMs }) => wallMs)),
    cpuMs: spreadOf(own.map(({ cpuMs }) => cpuMs)),
    wallRatio: spreadOf(ratios(({ wallMs }) => wallMs)),
    cpuRatio: spreadOf(ratios(({ cpuMs }) => cpuMs)),
  };
}
