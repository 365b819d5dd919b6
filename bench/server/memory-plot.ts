import type { TopLevelSpec } from 'vega-lite';
import { style } from '../plots/style.js';
import type { MemoryRun } from './memory.js';

/** Resident memory of the proxy by requests, a panel a squad. */
export function memoryPlot(memory: readonly MemoryRun[]): TopLevelSpec {
  const panel = ({ squad, samples, connections }: MemoryRun) => ({
    title: { text: `${squad}, ${connections} connections` },
    width: 230,
    height: 200,
    data: { values: samples.map(({ requests, residentMB }) => ({ requests, residentMB })) },
    mark: { type: 'line' as const, color: '#1f5fa8' },
    encoding: {
      x: { field: 'requests', type: 'quantitative' as const, title: 'requests', axis: { format: ',d', tickCount: 4 } },
      y: { field: 'residentMB', type: 'quantitative' as const, title: 'resident memory, MB', scale: { zero: true, nice: true } },
    },
  });
  return {
    title: { text: 'Memory of the proxy', subtitle: 'clean and misaligned answers, plain and streamed, in turn' },
    config: style,
    hconcat: memory.map(panel),
    spacing: 40,
  };
}
