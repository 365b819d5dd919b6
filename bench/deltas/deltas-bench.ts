/** What one way of keeping a fine-tune reaches on unseen texts. */
export interface Quality {
  /** How it is kept, such as `8:1,4:3,2:12`: bits and singular vectors of each group. */
  readonly kept: string;
  /** Of what has to be kept beside the base. */
  readonly bytes: number;
  /** Mean negative log-likelihood of a token of the correction. */
  readonly loss: number;
  /** Share of texts that were rewritten to the letter. */
  readonly exact: number;
  /** Mean relative error of the matrices; 0 where there is none. */
  readonly relativeError: number;
}

/** Memory that aligners of one size take, each way in a process of its own. */
export interface MemoryRun {
  readonly way: string;
  /** Resident memory that came with them, after a first rewrite of each. */
  readonly residentBytes: number;
  /** Weights, packed deltas, and those that are unpacked at a time. */
  readonly heldBytes: number;
}

/** Time of a token that is decoded. */
export interface LatencyRun {
  readonly way: string;
  readonly millisecondsPerToken: number;
}

/** What `npm run bench -- deltas` measures. */
export interface DeltasBench {
  readonly toy: { readonly rules: number; readonly texts: number; readonly trainingSeconds: number; readonly quality: readonly Quality[] };
  readonly large: { readonly parameters: number; readonly deltas: number; readonly deltaSeconds: number; readonly memory: readonly MemoryRun[]; readonly latency: readonly LatencyRun[] };
}

/** The measurement as text for people. */
export function formatDeltasBench({ toy, large }: DeltasBench): string {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  const one = large.memory[0];
  const fastest = large.latency[0];
  return [
    `deltas   ${toy.rules} fine-tunes of a toy decoder, ${toy.texts} unseen texts each; trained in ${toy.trainingSeconds.toFixed(0)} s`,
    ...toy.quality.map(({ kept, bytes, loss, exact, relativeError }) => `  ${kept.padEnd(22)} ${mebibytes(bytes).padStart(9)}  loss ${loss.toFixed(4)}  exact ${percent(exact).padStart(5)}  relative error ${relativeError.toFixed(3)}`),
    `memory   ${large.deltas} aligners of ${(large.parameters / 1e6).toFixed(1)} M parameters, a process each; a delta was made in ${large.deltaSeconds.toFixed(0)} s`,
    ...large.memory.map(({ way, residentBytes, heldBytes }) => `  ${way.padEnd(34)} held ${mebibytes(heldBytes).padStart(10)} (${(heldBytes / (one?.heldBytes ?? 1)).toFixed(2)}x)  resident ${mebibytes(residentBytes).padStart(10)} (${(residentBytes / (one?.residentBytes ?? 1)).toFixed(2)}x)`),
    'latency  of a token, ways in turn, medians',
    ...large.latency.map(({ way, millisecondsPerToken }) => `  ${way.padEnd(34)} ${millisecondsPerToken.toFixed(2)} ms (${(millisecondsPerToken / (fastest?.millisecondsPerToken ?? 1)).toFixed(2)}x)`),
  ].join('\n');
}
