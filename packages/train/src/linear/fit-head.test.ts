import { createRandom } from '@align-squad/core';
import { auroc } from '@align-squad/eval';
import { expect, test } from 'vitest';
import { fitHead, logitOf, type HeadExample } from './fit-head.js';

/** Labels follow the sign of the first feature less its mean; the others are noise, one of them constant and one huge. */
function examples(count: number, seed: number): HeadExample[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const signal = random.normal();
    return { features: Float32Array.of(5 + signal, random.normal(), 3, 1000 * random.normal()), label: signal > 0, group: `prompt-${index >> 1}` };
  });
}

const options = { seed: 1, score: auroc };

test('finds the feature that decides, whatever its scale and offset', () => {
  const head = fitHead(examples(300, 1), options);
  const unseen = examples(200, 2);
  const right = unseen.filter(({ features, label }) => logitOf(head, features) > 0 === label);
  expect(right.length).toBeGreaterThan(185);
});

test('logits of left-out examples come from heads that never saw them', () => {
  const random = createRandom(3);
  const noise = examples(100, 4).map((example): HeadExample => ({ ...example, label: random.next() < 0.5 }));
  const { outOfFold } = fitHead(noise, options);
  const labels = noise.map(({ label }) => label);
  expect(auroc(outOfFold, labels)).toBeLessThan(0.65);
});

test('a feature that never changes has no weight', () => {
  expect(fitHead(examples(60, 5), options).weight[2]).toBe(0);
});

test('repeats', () => {
  expect(fitHead(examples(60, 6), options)).toEqual(fitHead(examples(60, 6), options));
});
