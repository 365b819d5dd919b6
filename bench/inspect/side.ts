// One way to inspect, in a process of its own: bench/inspect/run-peers.ts starts it and asks for one round at a time.
import { readFile } from 'node:fs/promises';
import type { Exchange } from '@align-squad/core';
import { takeTurns } from '../take-turns.js';
import { sides, type SideName } from './sides.js';

const [name = '', folder = '', exchangesFile = '', roundMs = '1000'] = process.argv.slice(2);
// The parent wrote the file, and names a side.
const exchanges = JSON.parse(await readFile(exchangesFile, 'utf8')) as Exchange[];
const inspectAll = await sides[name as SideName]({ folder, exchanges });

/** Whole passes over the exchanges for a second or so: a side that is fast must not be judged while it warms up. */
async function inspectFor(milliseconds: number): Promise<number> {
  const startedMs = performance.now();
  let passes = 0;
  for (; performance.now() - startedMs < milliseconds; passes += 1) await inspectAll();
  return passes * exchanges.length;
}

takeTurns(
  () => inspectFor(Number(roundMs)),
  (count, { wallMs, cpuMs }) => ({ wallMs: wallMs / count, cpuMs: cpuMs / count }),
);
