import type { Config } from 'vega-lite';

/** Dark text on white, so that a picture reads on light and dark pages; colours that differ in lightness too. */
export const style: Config = {
  background: 'white',
  padding: 12,
  font: 'Helvetica, Arial, sans-serif',
  title: { anchor: 'start', fontSize: 15, color: '#1a1a1a', subtitleColor: '#444444', subtitleFontSize: 11, offset: 12 },
  axis: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', labelColor: '#1a1a1a', titleColor: '#1a1a1a', gridColor: '#e6e6e6', labelLimit: 0 },
  legend: { labelFontSize: 11, titleFontSize: 12, orient: 'bottom', labelLimit: 0, labelColor: '#1a1a1a' },
  range: { category: ['#1f5fa8', '#e08a1e', '#7a7a7a', '#3f9b6c'] },
  view: { stroke: null },
};
