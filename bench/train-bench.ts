/** What one engine reaches on training steps of one model, on one thread. */
export interface EngineRun {
  readonly engine: string;
  readonly parameters: number;
  readonly tokensPerSecond: number;
  readonly peakBytes: number;
}

/** Both engines on one model; medians of rounds that took turns. */
export interface TrainComparison {
  readonly model: string;
  readonly ours: EngineRun;
  /** Missing where Python has no torch. */
  readonly torch?: EngineRun | undefined;
}

/** The toy aligner: trained from scratch in Node, written with by transformers.js. */
export interface ToyRun {
  readonly records: number;
  readonly unseen: number;
  /** Share of unseen inputs that were rewritten to the letter. */
  readonly exact: number;
  readonly trainingSeconds: number;
  /** Of the trained pack, in int8. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What `npm run bench -- train` measures. */
export interface TrainBench {
  readonly rounds: number;
  readonly comparisons: readonly TrainComparison[];
  readonly toy: ToyRun;
}

/** The measurement as text for people. */
export function formatTrainBench({ rounds, comparisons, toy }: TrainBench): string {
  const lines = comparisons.flatMap(({ model, ours, torch }) => {
    const line = (run: EngineRun): string =>
      `  ${run.engine.padEnd(26)} ${Math.round(run.tokensPerSecond)} tokens/s  peak ${Math.round(run.peakBytes / 2 ** 20)} MiB  ${(run.parameters / 1e6).toFixed(1)} M parameters`;
    const head = `train    ${model}, one thread, median of ${rounds} rounds in turn`;
    if (torch === undefined) return [head, line(ours), '  PyTorch is not installed: no comparison'];
    const ratios = `  ratio                      ${(ours.tokensPerSecond / torch.tokensPerSecond).toFixed(2)} in speed, ${(ours.peakBytes / torch.peakBytes).toFixed(2)} in peak memory`;
    return [head, line(ours), line(torch), ratios];
  });
  const share = `${(100 * toy.exact).toFixed(0)} % of ${toy.unseen} unseen inputs rewritten to the letter`;
  return [...lines, `toy      decoder from scratch on ${toy.records} records in ${Math.round(toy.trainingSeconds)} s, transformers.js: ${share}`].join('\n');
}
