import type { TopLevelSpec } from 'vega-lite';
import type { LengthRun, ManyRun } from '../squad-bench.js';
import { style } from './style.js';

/** A part of a cold start. */
export interface LoadRow {
  readonly run: string;
  readonly phase: string;
  /** Place of the part in the sequence. */
  readonly order: number;
  readonly milliseconds: number;
}

const powersOf = (base: number, least: number, most: number): number[] => {
  const values: number[] = [];
  for (let value = least; value <= most; value *= base) values.push(value);
  return values;
};

/** Median time of an inspection by tokens of the answer, both axes logarithmic. */
export function lengthsPlot(lengths: readonly LengthRun[]): TopLevelSpec {
  return {
    title: { text: 'Inspection by length of the answer', subtitle: 'three criteria, the embedded squad, one at a time; median' },
    width: 460,
    height: 260,
    config: style,
    data: { values: lengths.map(({ tokens, p50Ms }) => ({ tokens, p50Ms, label: p50Ms.toFixed(p50Ms < 10 ? 1 : 0) })) },
    encoding: {
      x: { field: 'tokens', type: 'quantitative', title: 'tokens of the answer', scale: { type: 'log', base: 2, domain: [32, 10_000] }, axis: { values: powersOf(2, 32, 8192), format: ',d' } },
      y: { field: 'p50Ms', type: 'quantitative', title: 'milliseconds', scale: { type: 'log', domain: [2, 1000] }, axis: { values: [2, 5, 10, 20, 50, 100, 200, 500, 1000], format: ',d' } },
    },
    layer: [
      { mark: { type: 'line', color: '#1f5fa8', point: { color: '#1f5fa8', size: 40 } } },
      { mark: { type: 'text', dy: -11, fontSize: 11, color: '#1a1a1a' }, encoding: { text: { field: 'label' } } },
    ],
  };
}

/** Time an exchange and peak memory of `alignMany` by how many exchanges pass through. */
export function manyPlot(many: readonly ManyRun[]): TopLevelSpec {
  const panel = (field: 'msPerExchange' | 'peakMB', title: string, digits: number) => ({
    width: 230,
    height: 220,
    data: { values: many.map((run) => ({ exchanges: run.exchanges, value: run[field], label: run[field].toFixed(digits) })) },
    encoding: {
      x: { field: 'exchanges', type: 'quantitative' as const, title: 'exchanges', scale: { type: 'log' as const, domain: [7, 15_000] }, axis: { values: powersOf(10, 10, 10_000), format: ',d' } },
      y: { field: 'value', type: 'quantitative' as const, title, scale: { domain: [0, 1.15 * Math.max(...many.map((run) => run[field]))], nice: true } },
    },
    layer: [
      { mark: { type: 'line' as const, color: '#1f5fa8', point: { color: '#1f5fa8', size: 40 } } },
      { mark: { type: 'text' as const, dy: -11, fontSize: 11, color: '#1a1a1a' }, encoding: { text: { field: 'label' } } },
    ],
  });
  return {
    title: { text: 'alignMany by number of exchanges', subtitle: 'every tenth answer misaligned, four at once; each number in a process of its own' },
    config: style,
    hconcat: [panel('msPerExchange', 'milliseconds an exchange', 1), panel('peakMB', 'peak resident memory, MB', 0)],
    spacing: 40,
  };
}

/** What a cold start consists of, a bar a file and variant. */
export function loadPlot(rows: readonly LoadRow[]): TopLevelSpec {
  return {
    title: { text: 'Cold start of the embedded squad', subtitle: 'medians, without the start of Node itself' },
    width: 460,
    height: { step: 26 },
    config: style,
    data: { values: [...rows] },
    mark: 'bar',
    encoding: {
      y: { field: 'run', type: 'nominal', sort: null, title: null },
      x: { field: 'milliseconds', type: 'quantitative', title: 'milliseconds' },
      color: { field: 'phase', type: 'nominal', sort: null, title: null },
      order: { field: 'order', type: 'quantitative' },
    },
  };
}
