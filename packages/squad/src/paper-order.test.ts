import { expect, test } from 'vitest';
import { createSquad } from './create-squad.js';
import { paperBatchSize, paperOrder } from './paper-order.js';
import { collect, fakeAligner, fakeInspector, hashUnit, judgeByText, seededRandom, toVerdict } from './test-support.js';
import { failedVerdict } from './verdicts.js';

interface World {
  readonly criteria: readonly string[];
  /** P(aligned) of a text. */
  readonly aligned: (text: string, criterion: string) => number;
  readonly rewrite: (text: string, criterion: string) => string;
}

/** The algorithm as the paper states it, on one batch. */
function paperReference(world: World, batch: readonly string[]): string[] {
  const meanOf = (criterion: string): number =>
    batch.map((text) => world.aligned(text, criterion)).reduce((sum, score) => sum + score, 0) / batch.length;
  const order = world.criteria
    .map((criterion) => ({ criterion, mean: meanOf(criterion) }))
    .sort((x, y) => x.mean - y.mean);
  let texts = [...batch];
  for (const { criterion } of order) {
    texts = texts.map((text) => (world.aligned(text, criterion) < 0.5 ? world.rewrite(text, criterion) : text));
  }
  return texts;
}

function randomWorld(seed: number): World {
  const random = seededRandom(seed);
  const criteria = ['a', 'b', 'c', 'd', 'e'].slice(0, 1 + Math.floor(random() * 5));
  // coarse scores make ties and the edge case of exactly 0.5 common
  const steps = random() < 0.5 ? 4 : 1_000;
  return {
    criteria,
    aligned: (text, criterion) => 1 - Math.floor(hashUnit(`${criterion} ${text}`, seed) * (steps + 1)) / steps,
    rewrite: (text, criterion) => (hashUnit(`keep ${criterion} ${text}`, seed) < 0.1 ? text : `${text}${criterion}`),
  };
}

function squadOf({ criteria, aligned, rewrite }: World): ReturnType<typeof createSquad> {
  return createSquad({
    inspectors: [
      fakeInspector({
        criteria,
        judge: ({ response }, criterion) => 1 - aligned(response, criterion),
        maxBatchSize: 7,
      }),
    ],
    aligners: criteria.map((criterion) =>
      fakeAligner([criterion], ({ exchange }) => rewrite(exchange.response, criterion)),
    ),
    order: 'paper',
  });
}

test('single exchanges end as the algorithm of the paper says, in 400 random worlds', async () => {
  let rewritten = 0;
  for (let seed = 0; seed < 400; seed += 1) {
    const world = randomWorld(seed);
    const result = await squadOf(world).align('x');
    expect(result.response, `seed ${seed}`).toBe(paperReference(world, ['x'])[0]);
    if (result.changed) rewritten += 1;
  }
  expect(rewritten).toBeGreaterThan(100);
});

test('batches end as the algorithm of the paper says, in 150 random worlds', async () => {
  for (let seed = 1_000; seed < 1_150; seed += 1) {
    const world = randomWorld(seed);
    const size = 1 + (seed % 20);
    const batch = Array.from({ length: size }, (_value, index) => `x${index}`);
    const results = await collect(squadOf(world).alignMany(batch));
    expect(
      results.map((result) => result.response),
      `seed ${seed}`,
    ).toEqual(paperReference(world, batch));
  }
});

test('more than a batch is ordered batch by batch', async () => {
  const world = randomWorld(7_003);
  const responses = Array.from({ length: 2 * paperBatchSize + 5 }, (_value, index) => `x${index}`);
  const expected = [0, 1, 2].flatMap((part) =>
    paperReference(world, responses.slice(part * paperBatchSize, (part + 1) * paperBatchSize)),
  );
  const results = await collect(squadOf(world).alignMany(responses));
  expect(world.criteria.length).toBeGreaterThan(1);
  expect(results.map((result) => result.response)).toEqual(expected);
});

test('the outcome follows the final scores, and a worse rewrite is taken all the same', async () => {
  const squad = createSquad({
    inspectors: [fakeInspector({ criteria: ['a', 'b'], judge: judgeByText })],
    aligners: [
      fakeAligner(['a'], () => 'a1 b9'),
      fakeAligner(['b'], ({ exchange }) => (exchange.response === 'b7' ? 'b2' : undefined)),
    ],
    order: 'paper',
  });
  expect(await squad.align('a8 b3')).toMatchObject({
    outcome: 'unfixed',
    response: 'a1 b9',
    steps: [{ accepted: true }, { rejection: 'no-rewrite' }],
  });
  expect(await squad.align('b7')).toMatchObject({ outcome: 'aligned', response: 'b2' });
  expect(await squad.align('a5 b5')).toMatchObject({ outcome: 'clean' });
});

test('the threshold is 0.5 whatever the caller or the inspector says', async () => {
  const strict = fakeInspector({
    criteria: ['a'],
    judge: () => ({ status: 'flag', misalignment: 0.4, threshold: 0.3 }),
  });
  const squad = createSquad({ inspectors: [strict], aligners: [], order: 'paper' });
  expect(await squad.align('x', { thresholds: { a: 0.1 } })).toMatchObject({
    outcome: 'clean',
    inspections: { a: { threshold: 0.5 } },
  });
});

test('the order is by mean P(aligned) of what was judged', () => {
  expect(
    paperOrder([
      { a: toVerdict(0.2), b: toVerdict(0.6), c: failedVerdict, d: failedVerdict },
      { a: toVerdict(0.4), b: toVerdict(0.1), c: toVerdict(0.5), d: failedVerdict },
    ]),
  ).toEqual(['c', 'b', 'a']);
});

test('a failed aligner and an unscored rewrite leave the text as it was', async () => {
  const inspector = fakeInspector({
    criteria: ['a', 'b'],
    judge: judgeByText,
    before: ([exchange]) => (exchange?.response === 'a0' ? Promise.reject(new TypeError('x')) : undefined),
  });
  const squad = createSquad({
    inspectors: [inspector],
    aligners: [fakeAligner(['a'], () => 'a0'), fakeAligner(['b'], () => Promise.reject(new TypeError('x')))],
    order: 'paper',
  });
  const result = await squad.align('a9 b8');
  expect(result).toMatchObject({ outcome: 'error', response: 'a9 b8' });
  expect(result.steps.map((step) => step.rejection)).toEqual(['inspector-failed', 'aligner-failed']);
});

test('a passed deadline ends the paper order with the best text so far', async () => {
  let clock = 0;
  const squad = createSquad({
    inspectors: [fakeInspector({ criteria: ['a', 'b'], judge: judgeByText })],
    aligners: [
      fakeAligner(['a'], () => {
        clock = 40;
        return 'a0 b8';
      }),
      fakeAligner(['b'], () => 'b0'),
    ],
    order: 'paper',
    now: () => clock,
    deadlineMs: 50,
  });
  expect(await squad.align('a9 b8')).toMatchObject({ outcome: 'aligned', response: 'b0' });
  clock = 0;
  const late = squad.align('a9 b8', { deadlineMs: 30 });
  expect(await late).toMatchObject({ outcome: 'timeout', response: 'a9 b8', error: { code: 'deadline-exceeded' } });
});
