import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDecodeSession } from '@align-squad/onnx';
import type { PlannedTexts } from '../decode/plan-texts.js';
import { shape as decoderShape } from '../decode/planned-model.js';
import { criteria } from '../inspect/pick-exchanges.js';
import { encoderShape, writePeer } from '../inspect/write-models.js';
import { decodeBoundMs, inspectionBoundMs, shareOf, type DecodeWork, type Roofline } from '../roofline.js';
import { roundsOr } from '../rounds.js';
import { runInTurn } from '../run-in-turn.js';
import { spreadOf } from '../spread.js';
import type { SquadPeers, SquadRun, SquadSide } from './peers-bench.js';
import { pickRewrite, type Rewrite } from './pick-rewrite.js';
import type { SquadSideName } from './sides.js';
import { writeAligner } from './write-aligner.js';

const sideNames: readonly SquadSideName[] = ['align-squad', 'transformers.js, int8, defaults', 'transformers.js, int8, one thread', 'transformers.js, float32, defaults'];

/** Measures a whole alignment by all sides in turn, each in a process of its own; undefined when one failed or no exchange fits. */
export async function runSquadPeers(roofline: Roofline): Promise<SquadPeers | undefined> {
  const rewrite = await pickRewrite();
  if (rewrite === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'align-squad-whole-'));
  const rounds = roundsOr(9);
  try {
    const plan = await writeAligner(join(folder, 'aligner'), rewrite);
    await writePeer(join(folder, 'peer'), criteria);
    await writeFile(join(folder, 'rewrite.json'), JSON.stringify(rewrite));
    const work = await countWork(join(folder, 'aligner/onnx/model_quantized.onnx'), plan);
    const file = fileURLToPath(new URL('./side.ts', import.meta.url));
    const runs = await runInTurn<SquadRun>({ file, sides: sideNames, args: [folder, join(folder, 'rewrite.json')], rounds, warmUpRounds: 2 });
    const [own = []] = runs ?? [];
    return runs && { rounds, ...describe(rewrite), passes: work.passes + 1, sides: sideNames.map((side, index) => summarize(side, runs[index] ?? [], own)), ...(await partsOf(own, roofline, rewrite, work)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const describe = ({ exchangeTokens, targetTokens, copied }: Rewrite) => ({ exchangeTokens, rewriteTokens: targetTokens, copied });

/** What our decoder does for the rewrite. */
async function countWork(model: string, { prompt, source, target }: PlannedTexts): Promise<DecodeWork> {
  await using session = await createDecodeSession(model);
  let passes = 0;
  let drafted = 0;
  for await (const event of session.decodeEvents({ ids: prompt, maxTokens: target.length, copyFrom: source })) {
    if (event.type === 'end') ({ passes, drafted } = event);
  }
  return { promptTokens: prompt.length, passes: passes - 1, tokens: passes - 1 + drafted };
}

async function partsOf(own: readonly SquadRun[], roofline: Roofline, { exchangeTokens }: Rewrite, work: DecodeWork): Promise<Pick<SquadPeers, 'inspectMs' | 'alignMs' | 'shares'>> {
  const inspectMs = spreadOf(own.map((run) => run.inspectMs ?? Number.NaN)).median;
  const alignMs = spreadOf(own.map((run) => run.alignMs ?? Number.NaN)).median;
  const decoder = { ...decoderShape, feedForwardMatrices: 3 };
  const shares = [
    shareOf('two inspections', 2 * inspectionBoundMs(roofline, await encoderShape(), exchangeTokens), inspectMs),
    shareOf('the rewrite', decodeBoundMs(roofline, decoder, work), alignMs),
  ];
  return { inspectMs, alignMs, shares };
}

function summarize(side: SquadSideName, runs: readonly SquadRun[], own: readonly SquadRun[]): SquadSide {
  const ratios = (of: (run: SquadRun) => number): number[] => runs.flatMap((run, round) => (own[round] ? [of(run) / of(own[round])] : []));
  return {
    side,
    wallMs: spreadOf(runs.map(({ wallMs }) => wallMs)),
    cpuMs: spreadOf(runs.map(({ cpuMs }) => cpuMs)),
    wallRatio: spreadOf(ratios(({ wallMs }) => wallMs)),
    cpuRatio: spreadOf(ratios(({ cpuMs }) => cpuMs)),
    isAsPlanned: runs.every(({ isAsPlanned }) => isAsPlanned),
  };
}
