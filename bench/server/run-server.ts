import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Added, ServerBench, ServerCell, Side, SideFigures } from '../server-bench.js';
import { spreadOf } from '../spread.js';
import { requestKinds } from './answers.js';
import { startChild, type Child } from './child.js';
import type { ClientRun, ClientTurn } from './client.js';
import { measureMemory } from './memory.js';
import type { ProxyUsage } from './proxy.js';

/** How much is measured. */
export interface ServerBenchOptions {
  readonly rounds: number;
  /** Least time of a turn. */
  readonly turnMs: number;
  /** Requests of the memory run with doubles; the embedded squad gets a tenth of them. */
  readonly requests: number;
}

interface SideProcess {
  readonly port: number;
  /** None for the bare upstream. */
  readonly proxy?: Child;
}

type Turn = ClientRun & { readonly cpuMs: number };

const sides = ['bare', 'doubles', 'embedded'] as const satisfies readonly Side[];
const connectionCounts = [1, 64];
const warmUpMs = 500;
// so that there is a 99th percentile to speak of
const minRequests = 200;

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Measures rate, latency and memory of the proxy; client, upstream and proxies are processes of their own. Rejects when one of them fails. */
export async function runServer(options: ServerBenchOptions): Promise<ServerBench> {
  const { rounds, turnMs, requests } = options;
  const loadBefore = loadavg()[0] ?? 0;
  const { child: upstream, ready } = await startChild<{ port: number }>(fileOf('./upstream.ts'), []);
  using _upstream = upstream;
  const startProxy = (squad: string) => startChild<{ port: number }>(fileOf('./proxy.ts'), [squad, String(ready.port)]);
  using client = (await startChild(fileOf('./client.ts'), [])).child;
  const memory = [];
  // before the rates, each in a fresh process
  for (const [squad, count] of [['doubles', requests], ['embedded', Math.ceil(requests / 10)]] as const) {
    const { child: proxy, ready: { port } } = await startProxy(squad);
    using _proxy = proxy;
    memory.push(await measureMemory({ client, proxy, port, squad, requests: count }));
  }
  const doubles = await startProxy('doubles');
  using _doubles = doubles.child;
  const embedded = await startProxy('embedded');
  using _embedded = embedded.child;
  const processes: Readonly<Record<Side, SideProcess>> = {
    bare: { port: ready.port },
    doubles: { port: doubles.ready.port, proxy: doubles.child },
    embedded: { port: embedded.ready.port, proxy: embedded.child },
  };
  const cells = await measureCells({ client, processes, rounds, turnMs });
  return { rounds, turnMs, cells, memory, loadAverage: [loadBefore, loadavg()[0] ?? 0] };
}

async function measureCells({ client, processes, rounds, turnMs }: { client: Child; processes: Readonly<Record<Side, SideProcess>>; rounds: number; turnMs: number }): Promise<ServerCell[]> {
  const cells = connectionCounts.flatMap((connections) => requestKinds.map((kind) => ({ ...kind, connections, turns: { bare: [] as Turn[], doubles: [] as Turn[], embedded: [] as Turn[] } })));
  for (let round = 0; round < rounds; round += 1) {
    for (const { answer, sent, connections, turns } of cells) {
      for (const side of sides) {
        const { port, proxy } = processes[side];
        const turn: ClientTurn = { port, kinds: [{ answer, sent }], connections, isAligned: side !== 'bare', warmUpMs, minMs: turnMs, minRequests: Math.max(minRequests, 4 * connections) };
        turns[side].push(await takeTurn(client, turn, proxy));
      }
      const rates = sides.map((side) => `${side} ${turns[side].at(-1)?.perSecond.toFixed(0)}/s`).join(', ');
      process.stderr.write(`round ${round + 1} of ${rounds}, ${answer}, ${sent}, ${connections} connections: ${rates}\n`);
    }
  }
  return cells.map(({ turns, ...cell }) => ({ ...cell, ...summarize(turns) }));
}

async function takeTurn(client: Child, turn: ClientTurn, proxy: Child | undefined): Promise<Turn> {
  const before = await proxy?.ask<ProxyUsage>({});
  const run = await client.ask<ClientRun>(turn);
  const after = await proxy?.ask<ProxyUsage>({});
  return { ...run, cpuMs: before && after ? (after.cpuMs - before.cpuMs) / (run.requests + run.uncounted) : 0 };
}

function summarize(turns: Readonly<Record<Side, readonly Turn[]>>): Pick<ServerCell, 'sides' | 'added'> {
  const figuresOf = (side: Side): SideFigures => {
    const of = (measure: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMs') => spreadOf(turns[side].map((turn) => turn[measure]));
    return { perSecond: of('perSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms'), cpuMs: of('cpuMs') };
  };
  const figures = { bare: figuresOf('bare'), doubles: figuresOf('doubles'), embedded: figuresOf('embedded') };
  const addedBy = (side: 'doubles' | 'embedded'): Added => ({
    rate: spreadOf(turns[side].map(({ perSecond }, round) => perSecond / (turns.bare[round]?.perSecond ?? Number.NaN))),
    p50Ms: figures[side].p50Ms.median - figures.bare.p50Ms.median,
    p99Ms: figures[side].p99Ms.median - figures.bare.p99Ms.median,
  });
  return { sides: figures, added: { doubles: addedBy('doubles'), embedded: addedBy('embedded') } };
}
