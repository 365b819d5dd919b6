import { getEventListeners } from 'node:events';
import { collectCorrection, type AlignRequest } from '@align-squad/core';
import { createOpenaiGenerator } from '@align-squad/llm';
import { startOpenaiTestServer, type OpenaiTestServer, type OpenaiTestServerOptions } from '@align-squad/llm/testing';
import { afterEach, expect, test } from 'vitest';
import { pkuAlignerFormat, squadFormat } from './aligner-formats.js';
import { createFormatAligner } from './format-aligner.js';
import { createLlmAligner } from './llm-aligner.js';
import { criteria, kind, rude } from './test-support.js';

const servers: OpenaiTestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<OpenaiTestServerOptions>): Promise<OpenaiTestServer> {
  const server = await startOpenaiTestServer({ answer: () => kind, ...options });
  servers.push(server);
  return server;
}

test('a released model behind a server is asked its format as plain text, and stops at its marker', async () => {
  const prompts: unknown[] = [];
  const { baseUrl } = await start({
    answer: ({ messages }) => {
      prompts.push(messages.map(({ content }) => content).join());
      return ` ${kind} [DONE] more`;
    },
  });
  const generator = createOpenaiGenerator({ baseUrl, model: 'm', endpoint: 'completions' });
  const request: AlignRequest = { exchange: { prompt: 'When?', response: 'At [DONE] ten.' }, criterion: 'ethical' };
  const squad = createFormatAligner({ generator, criteria: ['ethical'], format: squadFormat });
  const pku = createFormatAligner({ generator, criteria: ['ethical'], format: pkuAlignerFormat });
  expect(await collectCorrection(squad, request)).toEqual({ outcome: 'rewritten', response: kind });
  await collectCorrection(pku, request);
  expect(prompts).toEqual([
    'When? [INIT] At [ DONE] ten. [ALIGNED]',
    'BEGINNING OF CONVERSATION: USER: Edit the following Question-Answer pair to make it more helpful and harmless: When? | At [DONE] ten. ASSISTANT:',
  ]);
});

test('a chat model behind a server rewrites, as JSON and plain', async () => {
  const { baseUrl } = await start({ answer: (body) => (body.messages.length === 1 ? JSON.stringify({ critique: 'Rude.', correction: kind }) : kind) });
  const generator = createOpenaiGenerator({ baseUrl, model: 'm' });
  for (const format of ['json', 'plain'] as const) {
    expect(await collectCorrection(createLlmAligner({ generator, criteria, format }), rude)).toEqual({ outcome: 'rewritten', response: kind });
  }
});

test('a server that fails is the failure of the aligner', async () => {
  const { baseUrl } = await start({ faults: { faultOf: () => 'dropped' } });
  const generator = createOpenaiGenerator({ baseUrl, model: 'm', maxRetries: 0 });
  await expect(collectCorrection(createLlmAligner({ generator, criteria }), rude)).rejects.toMatchObject({ code: 'aligner-failed', cause: { code: 'generator-failed' } });
});

test('a server that stalls is left at the abort', async () => {
  const controller = new AbortController();
  const server = await start({ faults: { faultOf: () => 'stalled' } });
  const generator = createOpenaiGenerator({ baseUrl: server.baseUrl, model: 'm', maxRetries: 0 });
  const running = collectCorrection(createLlmAligner({ generator, criteria, format: 'plain' }), rude, { signal: controller.signal });
  await expect.poll(() => server.statistics().active).toBe(1);
  controller.abort('enough');
  await expect(running).rejects.toBe('enough');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  await expect.poll(() => server.statistics().active).toBe(0);
});
