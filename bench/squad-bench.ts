import { fileURLToPath } from 'node:url';
import type { Roofline } from './roofline.js';
import { runJson } from './run-child.js';
import { formatSquadPeers, type SquadPeers } from './squad/peers-bench.js';
import { runSquadPeers } from './squad/run-peers.js';

/** Times of calls of one kind. */
export interface CallTimes {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Exchanges through `alignMany`, in a process of its own. */
export interface ManyRun {
  readonly exchanges: number;
  readonly msPerExchange: number;
  /** Resident memory at its highest, MB of 10^6 bytes. */
  readonly peakMB: number;
}

/** An inspection of a long answer. */
export interface LengthRun {
  readonly tokens: number;
  readonly p50Ms: number;
}

/** What `npm run bench -- squad` measures: the embedded squad, all criteria. */
export interface SquadBench {
  readonly clean: CallTimes & {
    /** Median of what a call takes beside its inspection. */
    readonly orchestrationP50Ms: number;
  };
  /** Flagged exchanges of the dev split, whatever became of them. */
  readonly misaligned: CallTimes;
  readonly lengths: readonly LengthRun[];
  readonly many: readonly ManyRun[];
  readonly peers: SquadPeers;
}

const run = <T>(file: string, ...args: string[]): Promise<T | undefined> =>
  runJson<T>(process.execPath, [...process.execArgv, fileURLToPath(new URL(`./squad/${file}`, import.meta.url)), ...args]);

/** Each measurement in a process of its own; undefined when one failed. */
export async function runSquad(roofline: Roofline): Promise<SquadBench | undefined> {
  const calls = await run<Pick<SquadBench, 'clean' | 'misaligned'>>('calls.ts');
  const lengths = await run<readonly LengthRun[]>('lengths.ts');
  const many: ManyRun[] = [];
  for (const count of [10, 100, 1000, 10_000]) {
    const one = await run<ManyRun>('many.ts', String(count));
    if (!one) return undefined;
    many.push(one);
  }
  const peers = await runSquadPeers(roofline);
  return calls && lengths && peers && { ...calls, lengths, many, peers };
}

/** The measurement as text for people. */
export function formatSquadBench({ clean, misaligned, lengths, many, peers }: SquadBench): string {
  const times = ({ calls, p50Ms, p95Ms }: CallTimes): string => `${calls} calls, p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms`;
  return [
    `squad    clean exchanges of 144 to 167 tokens: ${times(clean)}, of it beside the inspection ${clean.orchestrationP50Ms.toFixed(2)} ms`,
    `         flagged exchanges of the dev split: ${times(misaligned)}`,
    ...lengths.map(({ tokens, p50Ms }) => `length   ${String(tokens).padStart(5)} tokens: ${p50Ms.toFixed(1)} ms, ${((1000 * p50Ms) / tokens).toFixed(0)} microseconds a token`),
    ...many.map(({ exchanges, msPerExchange, peakMB }) => `many     ${String(exchanges).padStart(5)} exchanges: ${msPerExchange.toFixed(2)} ms an exchange, peak ${peakMB.toFixed(0)} MB`),
    formatSquadPeers(peers),
  ].join('\n');
}
