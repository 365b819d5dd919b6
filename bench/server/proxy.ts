// The proxy before the upstream, as `align-squad serve` runs it. usage: proxy.ts doubles|embedded UPSTREAM_PORT
import { createServer } from '@align-squad/server';
import { createSquad } from 'align-squad';
import { criteria } from './answers.js';
import { answerParent } from './child.js';
import { createDoubleSquad } from './double-squad.js';

/** What the process of a proxy used so far; MB of 10^6 bytes. */
export interface ProxyUsage {
  readonly residentMB: number;
  readonly heapMB: number;
  /** All threads. */
  readonly cpuMs: number;
}

const [kind, upstreamPort] = process.argv.slice(2);
const squad = kind === 'doubles' ? createDoubleSquad() : createSquad();
const server = createServer({ squad, criteria, upstream: `http://127.0.0.1:${upstreamPort}/v1` });
await server.ready;
const { port } = await server.listen({ port: 0 });
answerParent({ port }, (): ProxyUsage => {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { residentMB: rss / 1e6, heapMB: heapUsed / 1e6, cpuMs: (user + system) / 1000 };
});
