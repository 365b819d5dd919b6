// Memory or latency of aligners of a larger decoder: node ... large.ts FOLDER make | memory WAY | latency; prints JSON.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@align-squad/core';
import { createDecodeSession, createDelta, createDeltaDecodeSession, createSession, decodeDelta, modelDelta, openPack, writeDelta, type DecodeSession, type ModelDelta } from '@align-squad/onnx';
import { quantizeModel, readModelFile, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import { buildLlamaDecoder, huggingFaceConfig, trainAlignerTokenizer, writePack } from '@align-squad/train';
import { createTextTokenizer } from '@align-squad/onnx';

const file = 'onnx/model.onnx';
const deltaCount = 8;
const shape = { vocabularySize: 4096, width: 384, layers: 6, attentionHeads: 6, keyValueHeads: 3, feedForwardWidth: 1152, maxTokens: 512 };
const rank = 32;
// A third of a rewrite: long enough that a token costs what it costs.
const tokens = 24;

const [folder = '.', task = 'make', way = ''] = process.argv.slice(2);
const deltaPath = join(folder, 'large.delta');
const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** The same weights with noise: what the change is does not matter to memory and time. */
function moved(model: ModelProto): ModelProto {
  const random = createRandom(2);
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.type !== 1 || !tensor.bytes || tensor.dims.length === 0 || tensor.bytes.length < 512) return tensor;
    const values = new Float32Array(Uint8Array.from(tensor.bytes).buffer).map((value) => value + 0.002 * (random.next() - 0.5));
    return { ...tensor, bytes: new Uint8Array(values.buffer) };
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

async function make(): Promise<void> {
  const base = buildLlamaDecoder(shape, createRandom(1));
  const tokenizerJson = trainAlignerTokenizer(['a text'], { vocabularySize: 300 });
  const json = huggingFaceConfig('decoder', { shape, tokenizer: await createTextTokenizer(tokenizerJson) });
  for (const [name, model] of [['base', base], ['tuned', moved(base)]] as const) {
    const manifest = { schemaVersion: 1, name, version: '1.0.0', language: 'en', license: 'UNLICENSED' } as const;
    await writePack(join(folder, `large-${name}`), { manifest, models: { [file]: model }, tokenizer: tokenizerJson, json });
  }
  const [from, to] = [await openPack(join(folder, 'large-base')), await openPack(join(folder, 'large-tuned'))];
  const started = performance.now();
  for await (const event of createDelta({ base: from, tuned: to, rank })) if (event.type === 'end') await writeDelta(deltaPath, event.delta);
  const parameters = base.graph.initializers.reduce((sum, { type, bytes }) => sum + (type === 1 ? (bytes?.length ?? 0) / 4 : 0), 0);
  say({ parameters, deltaSeconds: (performance.now() - started) / 1000 });
}

async function decode(session: DecodeSession, count = tokens): Promise<number> {
  const started = performance.now();
  let given = 0;
  for await (const _id of session.decode({ ids: [5, 6, 7, 8], maxTokens: count, speculate: false })) given += 1;
  return (performance.now() - started) / given;
}

/** Each from the file, as of eight files. */
async function readDeltas(): Promise<ModelDelta[]> {
  const deltas: ModelDelta[] = [];
  for (let index = 0; index < deltaCount; index++) deltas.push(modelDelta(decodeDelta(await readFile(deltaPath)), file));
  return deltas;
}

const basePath = join(folder, 'large-base', file);
const quantizedPath = basePath.replace('.onnx', '_quantized.onnx');

/** Opens what a way takes: its sessions, and the bytes that it holds. */
async function openWay(name: string): Promise<{ sessions: readonly DecodeSession[]; heldBytes: number }> {
  const int8 = name.endsWith('int8');
  const path = int8 ? quantizedPath : basePath;
  const modelBytes = (await stat(path)).size;
  if (!name.startsWith('deltas')) {
    const count = name.startsWith('8') ? deltaCount : 1;
    const sessions: DecodeSession[] = [];
    while (sessions.length < count) sessions.push(await createDecodeSession(path));
    return { sessions, heldBytes: count * modelBytes };
  }
  const cached = Number(/cache (\d)/.exec(name)?.[1] ?? 2);
  const deltas = await readDeltas();
  const { sessions } = await createDeltaDecodeSession(await readModelFile(basePath), deltas, { cached, int8 });
  const packed = deltas.flatMap(({ tensors }) => tensors).reduce((sum, { data }) => sum + data.length, 0);
  const unpacked = (deltas[0]?.tensors ?? []).reduce((sum, { dims, form }) => {
    const [rows = 1, columns = 0] = dims;
    return sum + 4 * (form.kind === 'low-rank' ? form.groups.reduce((total, group) => total + group.rank, 0) * (rows + columns) : rows);
  }, 0);
  return { sessions, heldBytes: modelBytes + packed + cached * unpacked };
}

async function settle(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss;
}

async function measureMemory(name: string): Promise<void> {
  // The runtime itself is there either way: a first small session loads it.
  const small = await createSession(writeModel(quantizeModel(buildLlamaDecoder({ ...shape, vocabularySize: 64, width: 48, layers: 1, feedForwardWidth: 48 }, createRandom(1)))));
  await small.dispose();
  const before = await settle();
  const { sessions, heldBytes } = await openWay(name);
  for (const session of sessions) await decode(session, 2);
  say({ way: name, residentBytes: (await settle()) - before, heldBytes });
}

const latencyWays = ['1 full, float32', 'deltas, float32', '1 full, int8', 'deltas, int8'];

async function measureLatency(): Promise<void> {
  const opened = [];
  for (const name of latencyWays) opened.push({ name, session: (await openWay(name)).sessions[0], times: [] as number[] });
  for (let round = 0; round < 8; round++) {
    for (const { session, times } of opened) if (session) times.push(await decode(session));
  }
  const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  say({ latency: opened.map(({ name, times }) => ({ way: name, millisecondsPerToken: median(times) })) });
}

if (task === 'make') await make();
else if (task === 'memory') await measureMemory(way);
else await measureLatency();
