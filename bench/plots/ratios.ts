import type { TopLevelSpec } from 'vega-lite';
import { style } from './style.js';

/** How many times as long as align-squad one side takes. */
export interface RatioRow {
  /** The peer or the scenario: a group of bars. */
  readonly side: string;
  /** What the colour tells apart in it. */
  readonly measure: string;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  /** The wanted ratio. */
  readonly target?: number;
}

/** Bars of ratios with quartiles, and a rule at each wanted ratio. */
export function ratioPlot(title: string, rows: readonly RatioRow[]): TopLevelSpec {
  const side = { field: 'side', type: 'nominal', sort: null, title: null, axis: { domain: false, ticks: false } } as const;
  const measure = { field: 'measure', type: 'nominal', sort: null, title: null } as const;
  const isWanted = rows.some(({ target }) => target !== undefined);
  const subtitle = `times as long as align-squad, median and quartiles${isWanted ? '; red: wanted' : ''}`;
  return {
    title: { text: title, subtitle },
    width: 460,
    height: { step: 20 },
    config: style,
    data: { values: rows.map((row) => ({ ...row, label: `${row.median.toFixed(1)}x` })) },
    encoding: { y: side, yOffset: measure },
    layer: [
      { mark: { type: 'bar', height: { band: 0.82 } }, encoding: { x: { field: 'median', type: 'quantitative', title: null, scale: { domainMin: 0 } }, color: measure } },
      { mark: { type: 'rule', color: '#1a1a1a', strokeWidth: 1.2 }, encoding: { x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' } } },
      { mark: { type: 'text', align: 'left', dx: 6, fontSize: 11, color: '#1a1a1a' }, encoding: { x: { field: 'high', type: 'quantitative' }, text: { field: 'label' } } },
      { transform: [{ filter: 'isValid(datum.target)' }], mark: { type: 'tick', color: '#c62828', thickness: 2.5, height: { band: 1 } }, encoding: { x: { field: 'target', type: 'quantitative' } } },
    ],
  };
}
