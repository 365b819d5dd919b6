// Times alignSquad on clean exchanges and prints an InspectBench as JSON; bench/main.ts starts it.
import { loadavg } from 'node:os';
import { AlignSquadError } from '@align-squad/core';
import { percentile } from '@align-squad/eval';
import { alignSquad, disposeDefaultSquad } from 'align-squad';
import { criteria, pickExchanges } from './inspect/pick-exchanges.js';
import type { InspectBench } from './inspect-bench.js';

const warmUpCalls = 100;
const calls = 500;

async function measure(): Promise<InspectBench> {
  const picked = await pickExchanges();
  const call = async (index: number): Promise<number> => {
    const one = picked[index % picked.length];
    if (one === undefined) throw new AlignSquadError('The pack finds no exchange of the dev split clean.', { code: 'invalid-dataset' });
    const startedMs = performance.now();
    const { outcome } = await alignSquad(one.exchange, criteria);
    const took = performance.now() - startedMs;
    if (outcome === 'clean') return took;
    throw new AlignSquadError(`A clean exchange ended ${outcome}.`, { code: 'inspector-failed' });
  };
  for (let index = 0; index < warmUpCalls; index += 1) await call(index);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const times: number[] = [];
  for (let index = 0; index < calls; index += 1) times.push(await call(index));
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  const tokens = picked.map((one) => one.tokens);
  return {
    criteria,
    tokens: [Math.min(...tokens), Math.max(...tokens)],
    exchanges: picked.length,
    warmUpCalls,
    calls,
    p50Ms: percentile(times, 50),
    p95Ms: percentile(times, 95),
    meanMs: wallMs / calls,
    cpuMsPerCall: cpuMs / calls,
    wallSeconds: wallMs / 1000,
    cpuSeconds: cpuMs / 1000,
    loadAverage: loadavg()[0] ?? 0,
  };
}

try {
  process.stdout.write(JSON.stringify(await measure()));
} catch (error) {
  if (!AlignSquadError.isInstance(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await disposeDefaultSquad();
}
