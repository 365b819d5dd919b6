import { createRandom } from '@align-squad/core';
import { expect, test } from 'vitest';
import { createCacheBuffers } from './cache-buffers.js';

const shape = { heads: 3, headSize: 2 };
const batch = 2;
const lanes = batch * shape.heads;

test.each([0, 1, 5, 64])('what was put in comes out lane by lane, with %i spare positions', (spare) => {
  const random = createRandom(spare);
  const cache = createCacheBuffers({ names: ['key', 'value'], shape, batch, spare });
  const held = new Map(['key', 'value'].map((name) => [name, Array.from({ length: lanes }, (): number[] => [])]));
  let tokens = 0;
  for (let step = 0; step < 120; step++) {
    const fed = 1 + random.integer(step === 0 ? 40 : 6);
    const taken = 1 + random.integer(fed);
    const added = new Map([...held].map(([name, rows]) => {
      const data = Float32Array.from({ length: lanes * fed * shape.headSize }, () => random.next());
      rows.forEach((row, lane) => row.push(...data.subarray(lane * fed * 2, (lane * fed + taken) * 2)));
      return [name, data] as const;
    }));
    cache.append(added, taken);
    tokens += taken;
    expect(cache.length).toBe(tokens);
    if (spare === 0) expect(cache.padding).toBe(0);
    const tensors = cache.tensors();
    for (const [name, rows] of held) {
      const { data, dims } = tensors[name] ?? expect.unreachable();
      const span = cache.padding + tokens;
      expect(dims).toEqual([batch, shape.heads, span, shape.headSize]);
      expect(data.length).toBe(lanes * span * shape.headSize);
      rows.forEach((row, lane) => expect([...data.slice((lane * span + cache.padding) * 2, (lane + 1) * span * 2)]).toEqual(row));
    }
  }
});

test('spare positions are numbers', () => {
  const cache = createCacheBuffers({ names: ['key'], shape, batch, spare: 3 });
  for (let step = 0; step < 9; step++) cache.append(new Map([['key', new Float32Array(lanes * 2).fill(step)]]), 1);
  expect([...(cache.tensors()['key']?.data ?? [])].every((value) => Number.isFinite(value))).toBe(true);
});

test('nothing is held at first', () => {
  expect(createCacheBuffers({ names: ['key'], shape, batch, spare: 3 }).tensors()['key']).toEqual({ type: 'float32', data: new Float32Array(0), dims: [2, 3, 0, 2] });
});
