// Profiles the embedded encoder's operators in onnxruntime-node and prints the ten that take most, as JSON.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPackInspector } from '@align-squad/inspector';
import { createSession, openPack, type OnnxSession } from '@align-squad/onnx';
import { encoderFile, packDirectory } from '@align-squad/pack-en';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OperatorShare } from '../inspect-bench.js';
import { pickExchanges } from './pick-exchanges.js';

const warmUpRuns = 20;
const runs = 100;

/** Of a line of the runtime's profile what is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** What the inspector feeds its encoder with for one exchange. */
async function feedsOf(): Promise<Parameters<OnnxSession['run']>[0]> {
  const [one] = await pickExchanges();
  let feeds: Parameters<OnnxSession['run']>[0] = {};
  const inspector = await createPackInspector(await openPack(packDirectory), {
    createSession: async (model, options) => {
      const session = await createSession(model, options);
      return { ...session, run: (inputs, ...rest) => session.run((feeds = inputs), ...rest) };
    },
  });
  if (one) await inspector.inspect([one.exchange]);
  await inspector.dispose();
  return feeds;
}

async function profile(folder: string): Promise<ProfileEvent[]> {
  const feeds = Object.fromEntries(Object.entries(await feedsOf()).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)]));
  const model = fileURLToPath(encoderFile);
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, enableProfiling: true, profileFilePrefix: join(folder, 'profile') });
  for (let run = 0; run < warmUpRuns + runs; run += 1) await session.run(feeds);
  session.endProfiling();
  const [file = ''] = await readdir(folder);
  // The runtime writes the file.
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEvent[];
}

const folder = await mkdtemp(join(tmpdir(), 'align-squad-profile-'));
try {
  const events = (await profile(folder)).filter(({ cat }) => cat === 'Node');
  const counted = events.slice(Math.round((events.length * warmUpRuns) / (warmUpRuns + runs)));
  const total = counted.reduce((sum, { dur }) => sum + dur, 0);
  const names = new Set(counted.map(({ args }) => args?.op_name ?? 'other'));
  const shares = [...names].map((operator): OperatorShare => {
    const nodes = counted.filter(({ args }) => (args?.op_name ?? 'other') === operator);
    const microseconds = nodes.reduce((sum, { dur }) => sum + dur, 0);
    return { operator, nodes: nodes.length / runs, share: microseconds / total, microseconds: microseconds / runs };
  });
  process.stdout.write(`${JSON.stringify(shares.sort((a, b) => b.share - a.share).slice(0, 10))}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
