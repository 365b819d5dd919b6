import { expect, test } from 'vitest';
import type { GenerateEvent, GenerateRequest } from '../text-generator.js';
import { scriptedGenerator, type GeneratorStep } from './index.js';

const request: GenerateRequest = { prompt: [{ role: 'user', content: 'Say hello.' }], maxTokens: 5 };

async function eventsOf(steps: readonly GeneratorStep[]): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of scriptedGenerator(steps).generate(request)) events.push(event);
  return events;
}

test('streams a completion, ended by its reason', async () => {
  expect(await eventsOf([{ text: ['Hel', 'lo'], reason: 'length' }])).toEqual([
    { type: 'text', text: 'Hel' },
    { type: 'text', text: 'lo' },
    { type: 'end', reason: 'length' },
  ]);
});

test('ends with `stop` unless it is told otherwise', async () => {
  expect((await eventsOf([{ text: 'Hello' }])).at(-1)).toEqual({ type: 'end', reason: 'stop' });
});

test('takes a call that looks as expected', async () => {
  const expected = { promptIncludes: 'hello', maxTokens: 5, prompt: request.prompt };
  expect(await eventsOf([{ expect: expected, text: '' }])).toHaveLength(2);
});

test.each([
  ['prompt', { promptIncludes: 'goodbye' }],
  ['prompt', { prompt: 'Say hello.' }],
  ['maxTokens', { maxTokens: 6 }],
  ['stop', { stop: ['\n'] }],
])('throws on a call that differs in its %s', async (field, expected) => {
  await expect(eventsOf([{ expect: expected, text: '' }])).rejects.toMatchObject({
    code: 'unexpected-call',
    message: expect.stringContaining(`its ${field}`),
  });
});

test('throws on a call beyond the script', async () => {
  await expect(eventsOf([])).rejects.toMatchObject({ code: 'unexpected-call' });
});

test('throws what a step says', async () => {
  await expect(eventsOf([{ throws: 'broken' }])).rejects.toBe('broken');
});

test('throws the reason of a signal that is aborted between two texts', async () => {
  const controller = new AbortController();
  const reading = async (): Promise<void> => {
    const stream = scriptedGenerator([{ text: ['a', 'b'] }]).generate(request, { signal: controller.signal });
    for await (const _ of stream) controller.abort('stop');
  };
  await expect(reading()).rejects.toBe('stop');
});

test('assertDone throws when an expected call did not come', () => {
  expect(() => scriptedGenerator([{ text: 'a' }]).assertDone()).toThrow(/expected 1 calls, got 0/);
});
