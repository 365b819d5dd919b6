import type { MemoryRun } from './server/memory.js';
import type { Spread } from './spread.js';

/** Who answered: the mock upstream itself, or the proxy before it with a squad of doubles or with the embedded squad. */
export type Side = 'bare' | 'doubles' | 'embedded';

/** What a side did with one kind of request. */
export interface SideFigures {
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** CPU time of the proxy a request, all threads; 0 for the bare upstream. */
  readonly cpuMs: Spread;
}

/** What the proxy costs beside the bare upstream. */
export interface Added {
  /** Requests a second over those of the bare upstream, by round. */
  readonly rate: Spread;
  /** Differences of the medians. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One kind of request from so many connections at once. */
export interface ServerCell {
  readonly answer: 'clean' | 'misaligned';
  readonly sent: 'plain' | 'streamed';
  readonly connections: number;
  readonly sides: Readonly<Record<Side, SideFigures>>;
  readonly added: Readonly<Record<'doubles' | 'embedded', Added>>;
}

/** What `npm run bench -- server` measures. */
export interface ServerBench {
  readonly rounds: number;
  readonly turnMs: number;
  readonly cells: readonly ServerCell[];
  readonly memory: readonly MemoryRun[];
  /** Load averages over the last minute before and after: this bench alone keeps both cores busy. */
  readonly loadAverage: readonly [number, number];
}

/** The measurement as text for people. */
export function formatServerBench({ rounds, turnMs, cells, memory, loadAverage }: ServerBench): string {
  const header = ['answer', 'sent', 'conn.', 'side', 'req/s', 'of bare', 'p50 ms', 'p99 ms', 'added p50', 'added p99', 'CPU ms'];
  const rows = cells.flatMap(({ answer, sent, connections, sides, added }) =>
    (['bare', 'doubles', 'embedded'] as const).map((side) => {
      const { perSecond, p50Ms, p99Ms, cpuMs } = sides[side];
      const own = [answer, sent, String(connections), side, perSecond.median.toFixed(0)];
      if (side === 'bare') return [...own, '', show(p50Ms.median), show(p99Ms.median), '', '', ''];
      const { rate, p50Ms: addedP50Ms, p99Ms: addedP99Ms } = added[side];
      return [...own, `${(100 * rate.median).toFixed(1)} %`, show(p50Ms.median), show(p99Ms.median), show(addedP50Ms), show(addedP99Ms), show(cpuMs.median)];
    }),
  );
  return [
    `server   the proxy beside the bare upstream, ${rounds} rounds in turn, ${turnMs} ms or more a turn; medians`,
    ...[header, ...rows].map(tableLine),
    ...memory.map(formatMemory),
    `load     ${loadAverage.map((load) => load.toFixed(1)).join(' before, ')} after`,
  ].join('\n');
}

const widths = [10, 9, -5, 9, -6, -8, -8, -8, -10, -10, -7];

/** Cells in columns; a negative width aligns to the right. */
function tableLine(cells: readonly string[]): string {
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return width < 0 ? cell.padStart(-width) : cell.padEnd(width);
  });
  return `  ${padded.join(' ')}`.trimEnd();
}

function show(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0);
}

function formatMemory({ squad, requests, connections, seconds, atStartMB, at10MB, at50MB, at100MB, peakMB, kBPer1000, heapKBPer1000 }: MemoryRun): string {
  const [start, tenth, half, end, peak] = [atStartMB, at10MB, at50MB, at100MB, peakMB].map((megabytes) => megabytes.toFixed(0));
  return [
    `memory   ${squad}, ${requests} requests from ${connections} connections in ${seconds.toFixed(0)} s: RSS ${start} MB at first, ${tenth} at 10 %, ${half} at 50 %, ${end} at 100 %, peak ${peak}`,
    `         slope after the first tenth ${kBPer1000.toFixed(1)} kB per 1,000 requests (heap in use ${heapKBPer1000.toFixed(1)})`,
  ].join('\n');
}
