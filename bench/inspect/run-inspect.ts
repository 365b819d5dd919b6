import { fileURLToPath } from 'node:url';
import { formatInspectBench, formatPeers, type InspectBench, type OperatorShare } from '../inspect-bench.js';
import { formatShare, inspectionBoundMs, shareOf, type Roofline } from '../roofline.js';
import { runJson } from '../run-child.js';
import { runPeers } from './run-peers.js';
import { encoderShape } from './write-models.js';

const run = <T>(file: string): Promise<T | undefined> => runJson<T>(process.execPath, [...process.execArgv, fileURLToPath(new URL(file, import.meta.url))]);

/** Measures our inspections, their operators and the peers; undefined when a process failed. */
export async function runInspect(roofline: Roofline): Promise<{ readonly result: object; readonly text: string } | undefined> {
  const own = await run<InspectBench>('../inspect.ts');
  const operators = await run<readonly OperatorShare[]>('./profile.ts');
  const peers = await runPeers();
  if (!own || !operators || !peers) return undefined;
  const tokens = (own.tokens[0] + own.tokens[1]) / 2;
  const share = shareOf(`an inspection of ${tokens.toFixed(0)} tokens`, inspectionBoundMs(roofline, await encoderShape(), tokens), own.p50Ms);
  return { result: { ...own, share, operators, peers }, text: `${formatInspectBench(own)}\n${formatShare(share)}\n${formatPeers(peers)}` };
}
