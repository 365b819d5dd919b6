import { requestKinds } from './answers.js';
import type { Child } from './child.js';
import type { ClientRun, ClientTurn } from './client.js';
import type { ProxyUsage } from './proxy.js';

/** Resident memory of a proxy over many requests; MB of 10^6 bytes. */
export interface MemoryRun {
  readonly squad: 'doubles' | 'embedded';
  readonly requests: number;
  readonly connections: number;
  readonly seconds: number;
  readonly atStartMB: number;
  readonly at10MB: number;
  readonly at50MB: number;
  readonly at100MB: number;
  readonly peakMB: number;
  /** Least squares of the resident memory after the first tenth of the requests. */
  readonly kBPer1000: number;
  /** The same of V8's heap in use. */
  readonly heapKBPer1000: number;
  readonly samples: readonly MemorySample[];
}

/** The memory after so many requests. */
export interface MemorySample {
  readonly requests: number;
  readonly residentMB: number;
  readonly heapMB: number;
}

const slices = 100;
const connections = 16;

/** Sends so many requests of all kinds, and asks the proxy for its memory after every hundredth of them. */
export async function measureMemory({ client, proxy, port, squad, requests }: { client: Child; proxy: Child; port: number; squad: MemoryRun['squad']; requests: number }): Promise<MemoryRun> {
  const samples: MemorySample[] = [];
  const sample = async (done: number): Promise<void> => {
    const { residentMB, heapMB } = await proxy.ask<ProxyUsage>({});
    samples.push({ requests: done, residentMB, heapMB });
  };
  const startedMs = performance.now();
  await sample(0);
  for (let done = 0; done < requests; ) {
    const minRequests = Math.min(Math.ceil(requests / slices), requests - done);
    const turn: ClientTurn = { port, kinds: requestKinds, connections, isAligned: true, warmUpMs: 0, minMs: 0, minRequests };
    await client.ask<ClientRun>(turn);
    await sample((done += minRequests));
    if (samples.length % 25 === 1) process.stderr.write(`memory, ${squad}: ${done} of ${requests} requests, ${samples.at(-1)?.residentMB.toFixed(0)} MB\n`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  return { squad, requests, connections, seconds, ...summarize(samples), samples };
}

function summarize(samples: readonly MemorySample[]): Omit<MemoryRun, 'squad' | 'requests' | 'connections' | 'seconds' | 'samples'> {
  const at = (share: number): number => samples[Math.round(share * (samples.length - 1))]?.residentMB ?? Number.NaN;
  const warm = samples.slice(Math.round(0.1 * (samples.length - 1)));
  return {
    atStartMB: at(0),
    at10MB: at(0.1),
    at50MB: at(0.5),
    at100MB: at(1),
    peakMB: Math.max(...samples.map(({ residentMB }) => residentMB)),
    kBPer1000: 1e6 * slopeOf(warm.map(({ requests, residentMB }) => [requests, residentMB])),
    heapKBPer1000: 1e6 * slopeOf(warm.map(({ requests, heapMB }) => [requests, heapMB])),
  };
}

/** Slope of the line of least squares through points [x, y]. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
