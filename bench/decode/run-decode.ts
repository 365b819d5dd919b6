import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeBoundMs, shareOf, type Roofline, type RooflineShare } from '../roofline.js';
import { roundsOr } from '../rounds.js';
import { runInTurn } from '../run-in-turn.js';
import { spreadOf } from '../spread.js';
import type { DecodeBench, DecodeScenario, SideRun, SideRuns } from './decode-bench.js';
import { planTexts, type PlannedTexts } from './plan-texts.js';
import { shape, words, writePlanned } from './planned-model.js';

const sideNames = ['transformers.js, defaults', 'transformers.js, int8, one thread', 'onnxruntime-node loop, int8', 'align-squad, float32', 'align-squad, int8, no drafts', 'align-squad, int8'] as const;
const reference = 'align-squad, int8';
const sizes = { promptTokens: 256, newTokens: 112, words };
const rounds = roundsOr(5);
const shares = [0, 0.7, 0.88];
const largeHeap = 400;
const copying =
  'random weights copy nothing by themselves: the graph that all sides run adds a row by position, which makes the planned token the likeliest; a planned rewrite copies runs of its source between edits of 2.5 tokens on average';

/** Measures all sides in all scenarios; undefined when a process failed. */
export async function runDecode(roofline: Roofline): Promise<DecodeBench | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-decode-'));
  try {
    const scenarios: DecodeScenario[] = [];
    let parameters = 0;
    for (const share of shares) {
      const texts = closestPlan(share);
      const model = join(folder, `model-${share}`);
      parameters = await writePlanned(model, texts);
      await writeFile(join(folder, `texts-${share}.json`), JSON.stringify(texts));
      for (const heapMegabytes of share === 0.88 ? [0] : [0, largeHeap]) {
        const sides = await runScenario(model, join(folder, `texts-${share}.json`), heapMegabytes);
        if (sides === undefined) return undefined;
        const copied = share === 0 ? 'nothing copied' : `${(100 * texts.copied).toFixed(0)} % copied`;
        scenarios.push({ name: heapMegabytes > 0 ? `${copied}, beside a heap of ${heapMegabytes} MB` : copied, copied: texts.copied, heapMegabytes, sides });
      }
    }
    return { share: shareOfPasses(roofline, scenarios), parameters, loadAverage: loadavg()[0] ?? 0, promptTokens: sizes.promptTokens, newTokens: sizes.newTokens, rounds, copying, scenarios };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Our engine without drafts, a pass a token, against its least time. */
function shareOfPasses(roofline: Roofline, [scenario]: readonly DecodeScenario[]): RooflineShare {
  const passes = sizes.newTokens - 1;
  const boundMs = decodeBoundMs(roofline, { ...shape, feedForwardMatrices: 3 }, { promptTokens: sizes.promptTokens, passes, tokens: passes });
  return shareOf(`${passes} passes of a token after ${sizes.promptTokens}, no drafts`, boundMs, scenario?.sides.find(({ side }) => side === 'align-squad, int8, no drafts')?.wallMs.median ?? Number.NaN);
}

/** Of some plans the one whose share of copied tokens is nearest. */
function closestPlan(share: number): PlannedTexts {
  const plans = Array.from({ length: 20 }, (_, seed) => planTexts(share, sizes, seed + 1));
  return plans.reduce((best, plan) => (Math.abs(plan.copied - share) < Math.abs(best.copied - share) ? plan : best));
}

async function runScenario(model: string, textsFile: string, heapMegabytes: number): Promise<SideRuns[] | undefined> {
  const file = fileURLToPath(new URL('./side.ts', import.meta.url));
  const runs = await runInTurn<SideRun>({ file, sides: sideNames, args: [model, textsFile, String(heapMegabytes)], rounds, warmUpRounds: 1 });
  const references = runs?.[sideNames.indexOf(reference)] ?? [];
  return runs && sideNames.map((side, index) => summarize(side, runs[index] ?? [], references));
}

function summarize(side: string, runs: readonly SideRun[], references: readonly SideRun[]): SideRuns {
  return {
    side,
    wallMs: spreadOf(runs.map(({ wallMs }) => wallMs)),
    cpuMs: spreadOf(runs.map(({ cpuMs }) => cpuMs)),
    ratio: spreadOf(runs.map(({ wallMs }, round) => wallMs / (references[round]?.wallMs ?? Number.NaN))),
    asPlanned: Math.min(...runs.map(({ asPlanned }) => asPlanned)),
  };
}
