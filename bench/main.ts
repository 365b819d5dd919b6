// Runs one benchmark, each side in a process of its own, or draws what was measured: see `usage`.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, formatMachine } from '../tools/evaluate/machine.js';
import { formatDecodeBench } from './decode/decode-bench.js';
import { runDecode } from './decode/run-decode.js';
import { formatDeltasBench } from './deltas/deltas-bench.js';
import { runDeltas } from './deltas/run-deltas.js';
import { runInspect } from './inspect/run-inspect.js';
import { formatLoadBench } from './load-bench.js';
import { runLoad } from './load/run-load.js';
import { plotFiles } from './plots.js';
import { formatRoofline, measureRoofline, type Roofline } from './roofline.js';
import { roundsOr } from './rounds.js';
import { runJson } from './run-child.js';
import { formatDatagenBench, runDatagen } from './run-datagen.js';
import { runTrain } from './run-train.js';
import { formatServerBench } from './server-bench.js';
import { runServer } from './server/run-server.js';
import { formatSquadBench, runSquad } from './squad-bench.js';
import { formatStreamBench, type StreamBench } from './stream-bench.js';
import { formatTrainBench } from './train-bench.js';

const usage = `npm run bench -- inspect|squad|load|stream|train|datagen|deltas|decode [--json FILE] (BENCH_ROUNDS=N: so many rounds)
npm run bench -- server [--requests N] [--json FILE] (N requests, at least 100, for the memory of the proxy; 100000 unless said)
npm run bench -- plots FILE... (written by --json, the newest last; draws bench/plots/*.svg)
`;

interface Measured {
  readonly result: object;
  readonly text: string;
}

const benches: Readonly<Record<string, (flags: { readonly requests: number }) => Promise<Measured | undefined>>> = {
  inspect: () => withRoofline(runInspect),
  squad: () =>
    withRoofline(async (roofline) => {
      const result = await runSquad(roofline);
      return result && { result, text: formatSquadBench(result) };
    }),
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
  async server({ requests }) {
    const result = await runServer({ rounds: roundsOr(3), turnMs: 4000, requests });
    return { result, text: formatServerBench(result) };
  },
  decode: () =>
    withRoofline(async (roofline) => {
      const result = await runDecode(roofline);
      return result && { result, text: formatDecodeBench(result) };
    }),
};

/** A benchmark beside what the machine does at best, measured in the same run. */
async function withRoofline(run: (roofline: Roofline) => Promise<Measured | undefined>): Promise<Measured | undefined> {
  const roofline = await measureRoofline();
  const measured = roofline && (await run(roofline));
  return measured && { result: { ...measured.result, roofline }, text: `${formatRoofline(roofline)}\n${measured.text}` };
}

const { values, positionals } = parseArgs({ options: { json: { type: 'string' }, requests: { type: 'string' } }, allowPositionals: true });
const [name = '', ...files] = positionals;
if (name === 'plots' && files.length > 0) {
  for (const file of await plotFiles(files)) process.stdout.write(`${file}\n`);
  process.exit();
}
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
const requests = Number(values.requests ?? 100_000);
const areRequestsWrong = !Number.isInteger(requests) || requests < 100 || (values.requests !== undefined && name !== 'server');
if (bench === undefined || files.length > 0 || areRequestsWrong) {
  process.stderr.write(usage);
  process.exit(1);
}
const machine = describeMachine();
const measured = await bench({ requests });
if (measured === undefined) {
  process.stderr.write('The benchmark failed.\n');
  process.exit(1);
}
process.stdout.write(`machine  ${formatMachine(machine)}\n${measured.text}\n`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify({ schemaVersion: 1, machine, [name]: measured.result }, null, 2)}\n`);
}
