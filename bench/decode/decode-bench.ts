import { formatShare, type RooflineShare } from '../roofline.js';
import type { Spread } from '../spread.js';

/** One run of one side. */
export interface SideRun {
  readonly wallMs: number;
  /** CPU time of all threads. */
  readonly cpuMs: number;
  /** Tokens that came as planned; all of them in a run that counts. */
  readonly asPlanned: number;
  /** Live objects of the heap that the process was given. */
  readonly heapObjects: number;
}

/** Runs of one side in one scenario. */
export interface SideRuns {
  readonly side: string;
  /** Median and quartiles over the rounds. */
  readonly wallMs: Spread;
  readonly cpuMs: Spread;
  /** How many times as long as the engine in int8, the same round compared. */
  readonly ratio: Spread;
  /** Least tokens as planned in a round. */
  readonly asPlanned: number;
}

/** What is decoded, and where. */
export interface DecodeScenario {
  readonly name: string;
  readonly copied: number;
  readonly heapMegabytes: number;
  readonly sides: readonly SideRuns[];
}

/** What `npm run bench -- decode` measures. */
export interface DecodeBench {
  readonly parameters: number;
  readonly promptTokens: number;
  readonly newTokens: number;
  readonly rounds: number;
  /** Over the last minute when it ended: other work on the machine makes times longer. */
  readonly loadAverage: number;
  /** How copying is simulated. */
  readonly copying: string;
  readonly scenarios: readonly DecodeScenario[];
  /** What share of the machine's peak our passes reach. */
  readonly share: RooflineShare;
}

/** The measurement as text for people. */
export function formatDecodeBench(bench: DecodeBench): string {
  const times = ({ low, median, high }: Spread): string => `${median.toFixed(0)} (${low.toFixed(0)}-${high.toFixed(0)}) ms`;
  const line = ({ side, wallMs, cpuMs, ratio, asPlanned }: SideRuns): string =>
    `  ${side.padEnd(34)} wall ${times(wallMs).padEnd(24)} CPU ${times(cpuMs).padEnd(24)} ${ratio.median.toFixed(2)}x (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})${asPlanned < bench.newTokens ? `  only ${asPlanned} tokens as planned` : ''}`;
  return [
    `decode   ${(bench.parameters / 1e6).toFixed(0)} M parameters, ${bench.newTokens} tokens after ${bench.promptTokens}; ${bench.rounds} rounds in turn, a process each; median (quartiles); x: time beside align-squad, int8`,
    `copying  ${bench.copying}`,
    `load     ${bench.loadAverage.toFixed(1)}`,
    formatShare(bench.share),
    ...bench.scenarios.flatMap(({ name, sides }) => [name, ...sides.map(line)]),
  ].join('\n');
}
