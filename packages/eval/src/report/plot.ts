import { html, type Html } from './html.js';

/** Points of a plot, as [x, y] with x in [0, 1] and y from 0. */
export interface PlotSeries {
  readonly name: string;
  /** Bars stand side by side in bins of equal width over [0, 1], one a point, whatever its x. */
  readonly kind: 'line' | 'dots' | 'bars';
  readonly points: readonly (readonly [number, number])[];
}

/** A plot with x in [0, 1]. */
export interface PlotContent {
  readonly title: string;
  /** What it shows in one sentence, for those who can't see it. */
  readonly summary: string;
  readonly x: string;
  readonly y: string;
  /** Highest y. @default 1 */
  readonly top?: number | undefined;
  readonly series: readonly PlotSeries[];
  /** Draws y = x. @default false */
  readonly diagonal?: boolean | undefined;
  /** A vertical line with a name. */
  readonly mark?: { readonly x: number; readonly name: string } | undefined;
}

const area = { left: 48, top: 12, width: 260, height: 176 } as const;
const size = { width: 320, height: 232 } as const;
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** A plot as a figure of inline SVG; the page's style paints it, so that it follows light and dark. */
export function renderPlot(plot: PlotContent): Html {
  const top = plot.top ?? 1;
  const key = plot.series.map(({ name, kind }, index) => html`<span class="key s${index} ${kind}">${name}</span>`);
  return html`<figure>
<figcaption>${plot.title}</figcaption>
<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${`${plot.title}. ${plot.summary}`}">
${drawGrid(plot, top)}${plot.diagonal === true ? drawLine('diagonal', [[0, 0], [1, top]], top) : ''}
${plot.series.map((series, index) => drawSeries(series, { index, all: plot.series.length, top }))}
${plot.mark === undefined ? '' : drawLine('mark', [[plot.mark.x, 0], [plot.mark.x, top]], top)}
</svg>
<p class="keys">${key}${plot.mark === undefined ? '' : html`<span class="key mark">${plot.mark.name}</span>`}</p>
</figure>
`;
}

const place = (value: number): string => value.toFixed(1);
const atX = (x: number): string => place(area.left + Math.min(1, Math.max(0, x)) * area.width);
const atY = (y: number, top: number): string => place(area.top + (1 - Math.min(1, Math.max(0, y / top))) * area.height);

function drawGrid({ x, y }: PlotContent, top: number): Html {
  const bottom = area.top + area.height;
  const label = (tick: number): string => (top === 1 ? String(tick) : String(Math.round(tick * top)));
  return html`<g class="grid">${ticks.map((tick) => drawLine('rule', [[0, tick * top], [1, tick * top]], top))}</g>
<g class="axis">${ticks.map((tick) => html`<text x="${atX(tick)}" y="${bottom + 14}" text-anchor="middle">${tick}</text><text x="${area.left - 6}" y="${Number(atY(tick * top, top)) + 4}" text-anchor="end">${label(tick)}</text>`)}
<text x="${area.left + area.width / 2}" y="${size.height - 8}" text-anchor="middle">${x}</text>
<text transform="translate(11 ${area.top + area.height / 2}) rotate(-90)" text-anchor="middle">${y}</text></g>`;
}

function drawLine(name: string, points: PlotSeries['points'], top: number): Html {
  return html`<polyline class="${name}" points="${points.map(([x, y]) => `${atX(x)},${atY(y, top)}`).join(' ')}"/>`;
}

interface SeriesPlace {
  readonly index: number;
  readonly all: number;
  readonly top: number;
}

function drawSeries({ kind, points }: PlotSeries, { index, all, top }: SeriesPlace): Html {
  if (kind === 'bars') {
    const bin = 1 / points.length;
    const width = (bin * 0.9) / all;
    return html`<g class="s${index}">${points.map(([, y], at) => drawBar({ x: at * bin + bin * 0.05 + index * width, width, y }, top))}</g>`;
  }
  const dots = kind === 'dots' ? points.map(([x, y]) => html`<circle cx="${atX(x)}" cy="${atY(y, top)}" r="3.5"/>`) : [];
  return html`<g class="s${index}">${drawLine('line', points, top)}${dots}</g>`;
}

function drawBar({ x, width, y }: { readonly x: number; readonly width: number; readonly y: number }, top: number): Html {
  const upper = Number(atY(y, top));
  return html`<rect x="${atX(x)}" y="${place(upper)}" width="${place(width * area.width)}" height="${place(area.top + area.height - upper)}"/>`;
}
