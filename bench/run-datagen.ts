import { fileURLToPath } from 'node:url';
import type { KillLoopResult } from '../packages/datagen/src/testing/kill-loop.js';
import { runJson } from './run-child.js';

/** How busy a server was kept that allows so many requests at once. */
export interface OnlineRun {
  readonly requests: number;
  readonly answered: number;
  readonly allowed: number;
  readonly latencyMs: number;
  readonly meanConcurrency: number;
  /** Mean of the requests in progress over those that are allowed. */
  readonly share: number;
  readonly rejected: number;
}

/** A run of many records in one process. */
export interface MemoryRun {
  readonly records: number;
  readonly seconds: number;
  readonly peakBytes: number;
}

/** A pass for near-duplicates, a tenth of the questions planted. */
export interface NearDuplicateRun {
  readonly questions: number;
  readonly planted: number;
  readonly dropped: number;
  readonly seconds: number;
}

/** What `npm run bench -- datagen` measures. */
export interface DatagenBench {
  readonly online: OnlineRun;
  readonly memory: MemoryRun;
  readonly nearDuplicates: NearDuplicateRun;
  readonly kill: KillLoopResult;
}

const run = <T>(file: string, ...args: string[]): Promise<T | undefined> =>
  runJson<T>(process.execPath, [...process.execArgv, fileURLToPath(new URL(`./datagen/${file}`, import.meta.url)), ...args]);

/** Each measurement in a process of its own; undefined when one failed. */
export async function runDatagen(): Promise<DatagenBench | undefined> {
  const online = await run<OnlineRun>('online.ts');
  const nearDuplicates = await run<NearDuplicateRun>('near-duplicates.ts', '300000');
  const kill = await run<KillLoopResult>('kill.ts', '50', '2000');
  const memory = await run<MemoryRun>('memory.ts', '300000');
  return online && memory && nearDuplicates && kill && { online, memory, nearDuplicates, kill };
}

/** The measurement as text for people. */
export function formatDatagenBench({ online, memory, nearDuplicates, kill }: DatagenBench): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    `online   ${online.requests} requests of ${online.latencyMs} ms: ${percent(online.share)} of ${online.allowed} at once in the mean, ${online.rejected} turned away`,
    `memory   ${memory.records} records in ${Math.round(memory.seconds)} s: peak ${Math.round(memory.peakBytes / 2 ** 20)} MiB`,
    `dedupe   ${nearDuplicates.questions} questions in ${nearDuplicates.seconds.toFixed(1)} s: ${nearDuplicates.dropped} dropped, ${nearDuplicates.planted} planted`,
    `kill     ${kill.kills} times over ${kill.requests} requests: dataset ${kill.isSame ? 'the same, byte for byte' : 'DIFFERENT'}, ${kill.answeredAgain} answers that were under way came again`,
  ].join('\n');
}
