import { formatShare, type RooflineShare } from '../roofline.js';
import type { Spread } from '../spread.js';

/** One alignment by one side. */
export interface SquadRun {
  readonly wallMs: number;
  /** CPU time of all threads. */
  readonly cpuMs: number;
  /** The planned rewrite came out, and of ours: it was inspected and accepted. */
  readonly isAsPlanned: boolean;
  /** Of ours: time in the inspector, both passes, and in the aligner. */
  readonly inspectMs?: number | undefined;
  readonly alignMs?: number | undefined;
}

/** A side: its times, and how many times those of align-squad, round by round. */
export interface SquadSide {
  readonly side: string;
  readonly wallMs: Spread;
  readonly cpuMs: Spread;
  readonly wallRatio: Spread;
  readonly cpuRatio: Spread;
  readonly isAsPlanned: boolean;
}

/** What bench/squad/run-peers.ts measures: one misaligned exchange, inspected under all criteria, rewritten, inspected again. */
export interface SquadPeers {
  readonly rounds: number;
  readonly exchangeTokens: number;
  readonly rewriteTokens: number;
  readonly copied: number;
  /** Runs of our decoder for one rewrite. */
  readonly passes: number;
  readonly sides: readonly SquadSide[];
  /** Median times of ours. */
  readonly inspectMs: number;
  readonly alignMs: number;
  /** What share of the machine's peak ours reaches. */
  readonly shares: readonly RooflineShare[];
}

/** The comparison as text for people. */
export function formatSquadPeers(peers: SquadPeers): string {
  const times = ({ low, median, high }: Spread): string => `${median.toFixed(0)} (${low.toFixed(0)}-${high.toFixed(0)}) ms`;
  const ratio = ({ low, median, high }: Spread): string => `${median.toFixed(1)}x (${low.toFixed(1)}-${high.toFixed(1)})`;
  return [
    `whole    inspect, rewrite, inspect again: an exchange of ${peers.exchangeTokens} tokens, a rewrite of ${peers.rewriteTokens}, ${(100 * peers.copied).toFixed(0)} % copied; ${peers.rounds} rounds in turn, a process each; median (quartiles)`,
    '         the embedded inspector flags it and accepts the rewrite; the decoder (17 M) is made to write that rewrite, in the graph that all sides run',
    `         of ours: inspections ${peers.inspectMs.toFixed(1)} ms, rewrite ${peers.alignMs.toFixed(1)} ms in ${peers.passes} passes`,
    ...peers.sides.map(
      ({ side, wallMs, cpuMs, wallRatio, cpuRatio, isAsPlanned }) =>
        `  ${side.padEnd(34)} wall ${times(wallMs).padEnd(22)} ${ratio(wallRatio).padEnd(20)} CPU ${times(cpuMs).padEnd(22)} ${ratio(cpuRatio)}${isAsPlanned ? '' : '  NOT the planned rewrite'}`,
    ),
    ...peers.shares.map(formatShare),
  ].join('\n');
}
