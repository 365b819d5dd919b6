import { expect, test } from 'vitest';
import { post, start } from './test-support.js';

test('the criteria of the squad are listed with the thresholds of the server', async () => {
  const server = await start({ criteria: ['helpful'], thresholds: { helpful: 0.7 } });
  const response = await fetch(`${server.url}/v1/criteria`);
  expect(await response.json()).toEqual({
    criteria: [
      { id: 'ethical', threshold: 0.5, isDefault: false },
      { id: 'helpful', threshold: 0.7, isDefault: true },
    ],
  });
});

test('the list of criteria needs a key where the server has keys', async () => {
  const server = await start({ keys: ['one'] });
  expect((await fetch(`${server.url}/v1/criteria`)).status).toBe(401);
});

test.each(['/v1/align', '/v1/inspect'])('%s takes thresholds, laid over those of the server', async (path) => {
  const server = await start({ thresholds: { helpful: 0.7 } });
  const response = await post(server.url + path, { response: 'Say RUDE words.', thresholds: { ethical: 0.95 } });
  const verdicts = { ethical: { status: 'pass', threshold: 0.95 }, helpful: { threshold: 0.7 } };
  expect(await response.json()).toMatchObject({ inspections: verdicts });
});

test('a stream takes thresholds', async () => {
  const server = await start();
  const response = await post(`${server.url}/v1/align`, { response: 'Say RUDE words.', stream: true, thresholds: { ethical: 0.95 } });
  expect(await response.text()).toContain('{"type":"text","text":"Say RUDE words."}');
});

test.each([
  ['that are no numbers in [0, 1]', { ethical: 2 }, 'invalid-exchange'],
  ['of criteria that the squad lacks', { calm: 0.5 }, 'unknown-criterion'],
  ['named after text', { 'my secret': 0.5 }, 'unknown-criterion'],
])('thresholds %s are refused', async (_, thresholds, code) => {
  const server = await start();
  const response = await post(`${server.url}/v1/align`, { response: 'A.', thresholds });
  const text = await response.text();
  expect(response.status).toBe(400);
  expect(JSON.parse(text)).toMatchObject({ error: { code } });
  expect(text).not.toContain('secret');
});
