import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSession, type OnnxSession } from './session.js';
import type { Tensor } from './tensor.js';

// A GPT-2 decoder of third parties: 5 layers, 4 heads of size 8, 1,000 tokens, random weights.
const layers = 5;
const model = fileURLToPath(new URL('../../fixtures/tiny-random-gpt2/past.onnx', import.meta.url));

let session: OnnxSession;

beforeAll(async () => {
  session = await createSession(model);
});

afterAll(() => session.dispose());

interface Step {
  readonly next: number;
  readonly logits: readonly number[];
  readonly cache: Readonly<Record<string, Tensor>>;
}

// past_n and present_n: [2, 1, heads, tokens, head size]
function emptyCache(): Record<string, Tensor> {
  const empty: Tensor = { type: 'float32', data: new Float32Array(0), dims: [2, 1, 4, 0, 8] };
  return Object.fromEntries(Array.from({ length: layers }, (_, layer) => [`past_${layer}`, empty]));
}

function int32(values: readonly number[]): Tensor {
  return { type: 'int32', data: Int32Array.from(values), dims: [1, values.length] };
}

async function forward(tokens: readonly number[], cache: Readonly<Record<string, Tensor>>): Promise<Step> {
  const past = cache.past_0?.dims[3] ?? 0;
  const outputs = await session.run({
    input_ids: int32(tokens),
    position_ids: int32(tokens.map((_, index) => past + index)),
    attention_mask: int32(new Array<number>(past + tokens.length).fill(1)),
    ...cache,
  });
  const { logits: all, ...presents } = outputs;
  const logits = Array.from(all?.data ?? [], Number).slice(-1000);
  const entries = Object.entries(presents).map(([name, tensor]) => [name.replace('present', 'past'), tensor] as const);
  return { next: logits.indexOf(Math.max(...logits)), logits, cache: Object.fromEntries(entries) };
}

async function decodeWithCache(prompt: readonly number[], steps: number): Promise<Step[]> {
  const taken = [await forward(prompt, emptyCache())];
  for (let last = taken[0]; last && taken.length < steps; last = taken.at(-1)) taken.push(await forward([last.next], last.cache));
  return taken;
}

// What the project that publishes this model expects of it, in its own tests.
test.each([
  [[0, 0, 0, 52], [204, 204, 204, 204, 204, 204]],
  [[0, 0, 195, 731], [731, 114, 114, 114, 114, 114]],
])('greedy decoding with a KV cache continues %j with %j', async (prompt, expected) => {
  const steps = await decodeWithCache(prompt, expected.length);
  expect(steps.map((step) => step.next)).toEqual(expected);
});

test('decoding with a KV cache gives the tokens and logits of a full pass each step', async () => {
  const prompt = [12, 345, 678, 9, 901];
  const steps = await decodeWithCache(prompt, 24);
  const tokens = [...prompt];
  for (const step of steps) {
    const full = await forward(tokens, emptyCache());
    expect(step.next).toBe(full.next);
    const difference = Math.max(...step.logits.map((value, index) => Math.abs(value - (full.logits[index] ?? NaN))));
    expect(difference).toBeLessThan(1e-4);
    tokens.push(step.next);
  }
});

test('the KV cache grows by the tokens of each pass', async () => {
  const steps = await decodeWithCache([1, 2, 3], 3);
  expect(steps.map((step) => step.cache.past_4?.dims)).toEqual([3, 4, 5].map((length) => [2, 1, 4, length, 8]));
});
