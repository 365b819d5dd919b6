// Runs one benchmark, each side in a process of its own: npm run bench -- inspect|squad|load|stream|train|datagen|deltas|decode [--json FILE]
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, formatMachine } from '../tools/evaluate/machine.js';
import { formatDecodeBench } from './decode/decode-bench.js';
import { runDecode } from './decode/run-decode.js';
import { formatDeltasBench } from './deltas/deltas-bench.js';
import { runDeltas } from './deltas/run-deltas.js';
import { runPeers } from './inspect/run-peers.js';
import { formatInspectBench, formatPeers, type InspectBench } from './inspect-bench.js';
import { formatLoadBench } from './load-bench.js';
import { runLoad } from './load/run-load.js';
import { runJson } from './run-child.js';
import { formatDatagenBench, runDatagen } from './run-datagen.js';
import { runTrain } from './run-train.js';
import { formatSquadBench, runSquad } from './squad-bench.js';
import { formatStreamBench, type StreamBench } from './stream-bench.js';
import { formatTrainBench } from './train-bench.js';

const usage = 'npm run bench -- inspect|squad|load|stream|train|datagen|deltas|decode [--json FILE]\n';

interface Measured {
  readonly result: object;
  readonly text: string;
}

const benches: Readonly<Record<string, () => Promise<Measured | undefined>>> = {
  async inspect() {
    const file = fileURLToPath(new URL('./inspect.ts', import.meta.url));
    const result = await runJson<InspectBench>(process.execPath, [...process.execArgv, file]);
    const peers = await runPeers();
    return result && peers && { result: { ...result, peers }, text: `${formatInspectBench(result)}\n${formatPeers(peers)}` };
  },
  async squad() {
    const result = await runSquad();
    return result && { result, text: formatSquadBench(result) };
  },
  async load() {
    const result = await runLoad();
    return result && { result, text: formatLoadBench(result) };
  },
  async stream() {
    const file = fileURLToPath(new URL('./stream.ts', import.meta.url));
    const result = await runJson<StreamBench>(process.execPath, [...process.execArgv, file]);
    return result && { result, text: formatStreamBench(result) };
  },
  async train() {
    const result = await runTrain();
    return result && { result, text: formatTrainBench(result) };
  },
  async datagen() {
    const result = await runDatagen();
    return result && { result, text: formatDatagenBench(result) };
  },
  async deltas() {
    const result = await runDeltas();
    return result && { result, text: formatDeltasBench(result) };
  },
  async decode() {
    const result = await runDecode();
    return result && { result, text: formatDecodeBench(result) };
  },
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const name = positionals.join(' ');
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  process.stderr.write(usage);
  process.exit(1);
}
const machine = describeMachine();
const measured = await bench();
if (measured === undefined) {
  process.stderr.write('The benchmark failed.\n');
  process.exit(1);
}
process.stdout.write(`machine  ${formatMachine(machine)}\n${measured.text}\n`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, machine, [name]: measured.result }, null, 2)}\n`);
}
