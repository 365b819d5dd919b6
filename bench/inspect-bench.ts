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
