import type { Spread } from './spread.js';

/** One cold process that loads the embedded squad; milliseconds of wall clock and MB of 10^6 bytes. */
export interface ColdStart {
  /** From the start of the process to its first line. */
  readonly nodeMs: number;
  readonly importMs: number;
  /** `createSquad`. */
  readonly loadMs: number;
  readonly firstInspectionMs: number;
  /** CPU time of import, load and first inspection, all threads. */
  readonly cpuMs: number;
  /** After the first inspection. */
  readonly residentMB: number;
  /** After a rewrite, for which more is loaded, and twenty alignments at once. */
  readonly busyMB: number;
}

/** What `npm run bench -- load` measures: cold processes of the built packages, the variants in turn. */
export interface LoadBench {
  readonly rounds: number;
  readonly variants: readonly (Readonly<Record<keyof ColdStart, Spread>> & { readonly workers: number })[];
}

/** The measurement as text for people. */
export function formatLoadBench({ rounds, variants }: LoadBench): string {
  const show = ({ low, median, high }: Spread, unit: string): string => `${median.toFixed(0)} (${low.toFixed(0)}-${high.toFixed(0)}) ${unit}`;
  const lines = variants.map(({ workers, ...of }) =>
    [
      `  workers ${workers}  node ${show(of.nodeMs, 'ms')}, import ${show(of.importMs, 'ms')}, load ${show(of.loadMs, 'ms')}, first inspection ${show(of.firstInspectionMs, 'ms')}, CPU ${show(of.cpuMs, 'ms')}`,
      `             resident ${show(of.residentMB, 'MB')}, after a rewrite and twenty at once ${show(of.busyMB, 'MB')}`,
    ].join('\n'),
  );
  return [`load     cold processes of the built packages, ${rounds} rounds in turn; median (quartiles)`, ...lines].join('\n');
}
