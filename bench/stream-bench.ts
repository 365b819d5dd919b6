/** How one way to inspect kept up with a source; medians and percentiles over characters. */
export interface StreamRun {
  /** Rate of released text over that of the source, both from the first piece to the last. */
  readonly share: number;
  /** Milliseconds from the start to the first released character. */
  readonly firstMs: number;
  /** Milliseconds between a character's coming and its release. */
  readonly holdP50Ms: number;
  readonly holdP95Ms: number;
  readonly inspectorCalls: number;
  /** CPU time over the time that the source takes for as much text: above 1 a free core could not keep up. */
  readonly cpuLoad: number;
  /** Share of the text that it got through; less than 1 where it was stopped. */
  readonly reached: number;
}

/** Both ways on one text at one rate. */
export interface StreamComparison {
  readonly charactersPerSecond: number;
  readonly characters: number;
  readonly windows: number;
  /** Windows that came out rewritten, and those that were withheld. */
  readonly rewritten: number;
  readonly withheld: number;
  readonly text: 'clean' | 'one sentence of ten misaligned';
  readonly alignStream: StreamRun;
  /** Inspects all of the text so far at every piece. */
  readonly perPiece: StreamRun;
}

/** What bench/stream.ts measures. */
export interface StreamBench {
  readonly pieceCharacters: number;
  /** Seconds after which the inspection at every piece is stopped. */
  readonly stopSeconds: number;
  readonly comparisons: readonly StreamComparison[];
  /** Load average over the last minute when it ended: other work on the machine makes the times longer. */
  readonly loadAverage: number;
}

/** The measurement as text for people. */
export function formatStreamBench({ comparisons, pieceCharacters, stopSeconds, loadAverage }: StreamBench): string {
  const line = (name: string, run: StreamRun): string =>
    `  ${name.padEnd(12)} ${(100 * run.share).toFixed(1)} % of the rate, first text after ${Math.round(run.firstMs)} ms, hold p50 ${Math.round(run.holdP50Ms)} ms, p95 ${Math.round(run.holdP95Ms)} ms, ${run.inspectorCalls} inspector calls, ${run.cpuLoad.toFixed(2)} s of CPU for a second of text${
      run.reached < 1 ? `, stopped after ${stopSeconds} s at ${(100 * run.reached).toFixed(0)} % of the text` : ''
    }`;
  return [
    `stream   alignStream beside an inspection of the text so far at every piece of ${pieceCharacters} characters`,
    ...comparisons.flatMap((one) => [
      `${one.charactersPerSecond} characters/s, ${one.text}: ${one.characters} characters, ${one.windows} windows, ${one.rewritten} rewritten, ${one.withheld} withheld`,
      line('alignStream', one.alignStream),
      line('every piece', one.perPiece),
    ]),
    `load     ${loadAverage.toFixed(1)}`,
  ].join('\n');
}
