// Runs one benchmark in a process of its own: npm run bench -- inspect [--json FILE]
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, formatMachine } from '../tools/evaluate/machine.js';
import { formatInspectBench, type InspectBench } from './inspect-bench.js';

const usage = 'npm run bench -- inspect [--json FILE]\n';

async function runInspect(): Promise<InspectBench> {
  const file = fileURLToPath(new URL('./inspect.ts', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const output = await text(child.stdout);
  const code = await exit;
  // What bench/inspect.ts prints when it succeeds.
  if (code === 0) return JSON.parse(output) as InspectBench;
  process.stderr.write(`The benchmark ended with code ${code}.\n`);
  process.exit(1);
}

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
if (positionals.join(' ') !== 'inspect') {
  process.stderr.write(usage);
  process.exit(1);
}
const machine = describeMachine();
const bench = await runInspect();
process.stdout.write(`machine  ${formatMachine(machine)}\n${formatInspectBench(bench)}\n`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, machine, inspect: bench }, null, 2)}\n`);
}
