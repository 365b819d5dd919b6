import type { Spread } from './spread.js';

/** What bench/inspect.ts measures: `alignSquad` on clean exchanges, all criteria, after warm-up, one caller. */
export interface InspectBench {
  readonly criteria: readonly string[];
  /** Tokens of prompt, context and response together, of the shortest and the longest exchange. */
  readonly tokens: readonly [number, number];
  /** Different exchanges that the calls go round. */
  readonly exchanges: number;
  readonly warmUpCalls: number;
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Mean wall-clock time of a call. */
  readonly meanMs: number;
  /** Mean CPU time of a call, all threads. */
  readonly cpuMsPerCall: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Load average over the last minute when it ended: other work on the machine makes the times longer. */
  readonly loadAverage: number;
}

/** Of the time inside the runtime's kernels what one type of operator takes, a pass. */
export interface OperatorShare {
  readonly operator: string;
  readonly nodes: number;
  readonly share: number;
  readonly microseconds: number;
}

/** A side of a comparison: milliseconds a text, and its times beside those of the first side of its group, round by round. */
export interface SideSpread {
  readonly side: string;
  readonly wallMs: Spread;
  readonly cpuMs: Spread;
  readonly wallRatio: Spread;
  readonly cpuRatio: Spread;
}

/** What bench/inspect/run-peers.ts measures: the sides in turn, each in a process of its own. */
export interface PeerComparison {
  readonly rounds: number;
  /** Least time of a round. */
  readonly roundMs: number;
  /** Different texts that a round goes over again and again. */
  readonly texts: number;
  readonly sides: readonly SideSpread[];
}

/** The comparison as text for people. */
export function formatPeers({ rounds, roundMs, texts, sides }: PeerComparison): string {
  const times = ({ low, median, high }: Spread): string => `${median.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)}) ms`;
  const lines = sides.map(
    ({ side, wallMs, cpuMs, wallRatio, cpuRatio }) =>
      `  ${side.padEnd(31)} wall ${times(wallMs).padEnd(23)} ${wallRatio.median.toFixed(2).padStart(5)}x   CPU ${times(cpuMs).padEnd(23)} ${cpuRatio.median.toFixed(2).padStart(5)}x`,
  );
  return [
    `peers    one of ${texts} texts under all criteria; ${rounds} rounds of ${roundMs / 1000} s in turn, a process each; median (quartiles); x: beside the first of the group`,
    '         transformers.js: three pipelines, the weights of the embedded pack, of which float32 is turned back from int8',
    '         one and eight criteria: random weights of the same shape',
    ...lines,
  ].join('\n');
}

/** The measurement as text for people. */
export function formatInspectBench(bench: InspectBench): string {
  const { tokens, calls, warmUpCalls } = bench;
  return [
    `inspect  alignSquad on ${bench.exchanges} clean exchanges of ${tokens[0]} to ${tokens[1]} tokens, criteria ${bench.criteria.join(', ')}`,
    `calls    ${calls} after ${warmUpCalls} for warm-up, one at a time`,
    `wall     p50 ${bench.p50Ms.toFixed(1)} ms, p95 ${bench.p95Ms.toFixed(1)} ms, mean ${bench.meanMs.toFixed(1)} ms; ${bench.wallSeconds.toFixed(2)} s in all`,
    `CPU      ${bench.cpuMsPerCall.toFixed(1)} ms a call; ${bench.cpuSeconds.toFixed(2)} s in all`,
    `load     ${bench.loadAverage.toFixed(1)}`,
  ].join('\n');
}
