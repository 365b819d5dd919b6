// Measures what one core does at best in onnxruntime-node, the best of some runs, and prints a Roofline as JSON.
import { createRandom } from '@align-squad/core';
import { createSession, float32 } from '@align-squad/onnx';
import { dataType, GraphBuilder, quantizeModel, writeModel, type ModelProto } from '@align-squad/onnx/graph';
import type { Roofline } from '../roofline.js';

const runs = 8;
const rows = 512;
const width = 1024;
const products = 8;

const random = createRandom(1);
const floats = (count: number): Float32Array => Float32Array.from({ length: count }, () => random.next() - 0.5);

/** Least seconds of a run. */
async function bestSeconds(model: ModelProto, feeds: Parameters<Awaited<ReturnType<typeof createSession>>['run']>[0]): Promise<number> {
  await using session = await createSession(writeModel(model));
  let best = Infinity;
  for (let run = 0; run <= runs; run += 1) {
    const startedMs = performance.now();
    await session.run(feeds);
    best = Math.min(best, (performance.now() - startedMs) / 1000);
  }
  return best;
}

/** Products in a row, x [rows, width] times a weight [width, width] each time. */
function chain(): ModelProto {
  const graph = new GraphBuilder();
  const weight = graph.initializer('weight', [width, width], floats(width * width).map((value) => value / 16));
  let x = graph.input('x', dataType.float32, [rows, width]);
  for (let index = 0; index < products; index += 1) x = graph.op('MatMul', [x, weight]);
  return graph.model([x], { [x]: 'y' });
}

/** 10^9 bytes a second of weights [inner, outer], which come as an input so that the runtime reads them where they are. */
async function readGBs(inner: number, outer: number): Promise<number> {
  const graph = new GraphBuilder();
  const x = graph.input('x', dataType.float32, [1, inner]);
  const y = graph.op('MatMul', [x, graph.input('weight', dataType.float32, [inner, outer])]);
  const feeds = { x: float32(floats(inner), [1, inner]), weight: float32(new Float32Array(inner * outer).fill(0.5), [inner, outer]) };
  return (4e-9 * inner * outer) / (await bestSeconds(graph.model([y], { [y]: 'y' }), feeds));
}

const model = chain();
const feeds = { x: float32(floats(rows * width), [rows, width]) };
const gflop = (2e-9 * products * rows * width * width);
const result: Roofline = {
  float32Gflops: gflop / (await bestSeconds(model, feeds)),
  int8Gflops: gflop / (await bestSeconds(quantizeModel(model), feeds)),
  memoryGBs: await readGBs(16_384, 8192),
  cachedGBs: await readGBs(2048, 2048),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
