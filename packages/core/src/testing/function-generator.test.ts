import { expect, test } from 'vitest';
import { collectCompletion } from '../text-generator.js';
import { functionGenerator } from './index.js';

const rain = functionGenerator(() => 'It rained all day. So we read.');

test.each([
  [{}, 'It rained all day. So we read.', 'stop'],
  [{ maxTokens: 2 }, 'It rained', 'length'],
  [{ maxTokens: 7 }, 'It rained all day. So we read.', 'stop'],
  [{ stop: ['read', '. '] }, 'It rained all day', 'stop'],
  [{ stop: ['. '], maxTokens: 1 }, 'It', 'length'],
] as const)('a request with %j is completed up to its limits', async (limits, text, reason) => {
  expect(await collectCompletion(rain, { prompt: 'Tell.', ...limits })).toEqual({ text, reason });
});

test('records its calls', async () => {
  const generator = functionGenerator(({ prompt }) => String(prompt));
  await collectCompletion(generator, { prompt: 'Tell.' });
  expect(generator.calls).toEqual([{ prompt: 'Tell.' }]);
});

test('what the function throws becomes `generator-failed`', async () => {
  const cause = new TypeError('broken');
  const generator = functionGenerator(() => {
    throw cause;
  });
  await expect(collectCompletion(generator, { prompt: 'Tell.' })).rejects.toMatchObject({ code: 'generator-failed', cause });
});
