// One way to inspect, in a process of its own: bench/inspect/run-peers.ts starts it and asks for one round at a time.
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Exchange } from '@align-squad/core';
import { sides, type SideName } from './sides.js';

const [name = '', folder = '', exchangesFile = '', roundMs = '1000'] = process.argv.slice(2);
// The parent wrote the file, and names a side.
const exchanges = JSON.parse(await readFile(exchangesFile, 'utf8')) as Exchange[];
const inspectAll = await sides[name as SideName]({ folder, exchanges });
process.on('message', () => void run());
process.send?.('ready');

async function run(): Promise<void> {
  await setTimeout(50);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  let passes = 0;
  let wallMs = 0;
  // Whole passes: a side that is fast must not be judged while it warms up.
  for (; wallMs < Number(roundMs); passes += 1) {
    await inspectAll();
    wallMs = performance.now() - startedMs;
  }
  const { user, system } = process.cpuUsage(cpu);
  const count = passes * exchanges.length;
  process.send?.({ wallMs: wallMs / count, cpuMs: (user + system) / 1000 / count });
}
