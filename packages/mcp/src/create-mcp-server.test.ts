import { readFileSync } from 'node:fs';
import { AlignSquadError } from '@align-squad/core';
import { doubleSquad } from '@align-squad/embedded/testing';
import type { AlignResult } from '@align-squad/squad';
import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { createMcpServer, type McpServerOptions } from './create-mcp-server.js';

const squad = doubleSquad();

async function open(options: McpServerOptions = { squad }): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await createMcpServer(options).connect(far);
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(near);
  return client;
}

const call = async (name: string, args: Record<string, unknown>, options?: McpServerOptions) =>
  (await open(options)).callTool({ name, arguments: args });

test('two tools are offered that change nothing, with their schemas and criteria', async () => {
  const client = await open();
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['align_response', 'inspect_response']);
  for (const tool of tools) {
    expect(tool.annotations).toEqual({ readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false });
    expect(tool.inputSchema).toMatchObject({ type: 'object', required: ['response'], additionalProperties: false });
    expect(JSON.stringify(tool.inputSchema)).toContain('ethical, helpful');
    expect(tool.outputSchema).toMatchObject({ type: 'object' });
  }
});

test('the server says the version of its package', async () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ version: (await open()).getServerVersion()?.version });
});

describe('align_response', () => {
  test('gives an answer that passes as it was', async () => {
    const { content, structuredContent } = await call('align_response', { prompt: 'Hello?', response: 'Good day.' });
    expect(content).toEqual([{ type: 'text', text: 'Good day.' }, { type: 'text', text: 'outcome: clean' }]);
    expect(structuredContent).toMatchObject({ response: 'Good day.', outcome: 'clean', changed: false });
  });

  test('gives the rewrite of a misaligned one, and nothing of what it was', async () => {
    const result = await call('align_response', { response: 'Be RUDE.', context: 'Manners.' });
    expect(result.content).toContainEqual({ type: 'text', text: 'Be KIND.' });
    expect(result.structuredContent).toMatchObject({
      outcome: 'aligned',
      before: { ethical: { status: 'flag', misalignment: 0.9 } },
      after: { ethical: { status: 'pass', misalignment: 0.1 } },
      steps: [{ criterion: 'ethical', accepted: true }],
    });
    expect(JSON.stringify(result)).not.toContain('RUDE');
  });

  test.each([
    ['can not be mended', 'So DULL.', 'blocked'],
    ['crashes the inspector', 'CRASH now.', 'error'],
  ])('withholds an answer that %s', async (_what, response, outcome) => {
    const result = await call('align_response', { response }, { squad, withheldMessage: 'Withheld.' });
    expect(result.structuredContent).toMatchObject({ response: 'Withheld.', outcome, replacedBy: 'message' });
    expect(JSON.stringify(result)).not.toContain(response);
    expect(result.isError).toBeUndefined();
  });

  test('gives what the policy says, and the result to who asked for it', async () => {
    const heard: AlignResult[] = [];
    const onResult = (result: AlignResult): unknown => heard.push(result);
    const { content } = await call('align_response', { response: 'DULL.' }, { squad, onUnfixed: 'keep', onResult });
    expect(content).toContainEqual({ type: 'text', text: 'DULL.' });
    expect(heard.map(({ original }) => original)).toEqual(['DULL.']);
  });

  test('says so, with no text, where the policy is to throw', async () => {
    const result = await call('align_response', { response: 'DULL.' }, { squad, onUnfixed: 'throw' });
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).toContain('[blocked]');
    expect(JSON.stringify(result)).not.toContain('DULL');
  });

  test('aligns to the criteria of the call, else to those of the server', async () => {
    const response = 'RUDE and DULL.';
    const own = await call('align_response', { response, criteria: ['ethical'] });
    expect(own.content).toContainEqual({ type: 'text', text: 'KIND and DULL.' });
    const fixed = await call('align_response', { response }, { squad, criteria: ['ethical'] });
    expect(fixed.content).toContainEqual({ type: 'text', text: 'KIND and DULL.' });
  });
});

describe('inspect_response', () => {
  test('gives a verdict a criterion', async () => {
    const result = await call('inspect_response', { response: 'Be RUDE.' });
    expect(result.structuredContent).toEqual({
      passes: false,
      verdicts: {
        ethical: { status: 'flag', misalignment: 0.9, threshold: 0.5 },
        helpful: { status: 'pass', misalignment: 0.1, threshold: 0.5 },
      },
    });
    expect(result.content).toEqual([
      { type: 'text', text: 'ethical: flag, P(misaligned) 0.9, flagged from 0.5\nhelpful: pass, P(misaligned) 0.1, flagged from 0.5' },
    ]);
  });

  test('passes an answer that every criterion passes, at the thresholds of the server', async () => {
    expect((await call('inspect_response', { response: 'Good day.' })).structuredContent).toMatchObject({ passes: true });
    const strict = { squad, thresholds: { ethical: 0.05 } };
    expect((await call('inspect_response', { response: 'Good day.' }, strict)).structuredContent).toMatchObject({ passes: false });
  });

  test('never passes what could not be judged', async () => {
    const { structuredContent } = await call('inspect_response', { response: 'CRASH.', criteria: ['ethical'] });
    expect(structuredContent).toEqual({ passes: false, verdicts: { ethical: { status: 'unknown', threshold: expect.any(Number), reason: 'failed' } } });
  });
});

describe('what is asked wrongly', () => {
  test.each(['align_response', 'inspect_response'])('%s names an unknown criterion only where it is an id', async (name) => {
    const unknown = await call(name, { response: 'Secret.', criteria: ['brave'] });
    expect(unknown).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/ethical, helpful.*`brave`.*\[unknown-criterion\]/s) }] });
    const text = await call(name, { response: 'Secret.', criteria: ['What a user wrote'] });
    expect(text).toMatchObject({ isError: true });
    expect(JSON.stringify([unknown, text])).not.toMatch(/Secret|user wrote/);
  });

  test.each([[{}], [{ response: 3 }], [{ response: 'Secret.', criteria: [] }], [{ response: 'Secret.', 'odd Secret': 1 }]])('%j is an error without its text', async (args) => {
    const result = await call('align_response', args);
    expect(result).toMatchObject({ isError: true });
    expect(JSON.stringify(result)).not.toContain('Secret');
  });

  test('a criterion that the server was not given is refused', async () => {
    const result = await call('align_response', { response: 'x', criteria: ['helpful'] }, { squad, criteria: ['ethical'] });
    expect(JSON.stringify(result)).toContain('unknown-criterion');
  });

  test('options and criteria that are wrong are refused at once', () => {
    expect(() => createMcpServer({ squad, criteria: ['brave'] })).toThrow(AlignSquadError);
    // as a caller without types might
    expect(() => createMcpServer({ squad: 1 } as unknown as McpServerOptions)).toThrow(AlignSquadError);
  });

  test('what fails outside the squad keeps its message to itself', async () => {
    const broken = { ...squad, inspect: () => Promise.reject(new RangeError('Secret')) };
    const result = await call('inspect_response', { response: 'x' }, { squad: broken });
    expect(result).toMatchObject({ isError: true, content: [{ text: 'The squad failed.' }] });
  });
});

test('a call that the client cancels aborts the squad', async () => {
  let signal: AbortSignal | undefined;
  const stuck = {
    ...squad,
    inspect: (_exchange: unknown, options: { readonly signal?: AbortSignal | undefined } = {}) => {
      signal = options.signal;
      return new Promise<never>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal?.reason)));
    },
  };
  const client = await open({ squad: stuck });
  const stop = new AbortController();
  const asked = client.callTool({ name: 'inspect_response', arguments: { response: 'x' } }, { signal: stop.signal });
  await expect.poll(() => signal).toBeDefined();
  stop.abort();
  await expect(asked).rejects.toThrow();
  await expect.poll(() => signal?.aborted).toBe(true);
});

test('calls at the same time do not mix', async () => {
  const client = await open();
  const calls = Array.from({ length: 20 }, (_, index) => client.callTool({ name: 'align_response', arguments: { response: `RUDE ${index}.` } }));
  const results = await Promise.all(calls);
  expect(results.map(({ structuredContent }) => structuredContent)).toMatchObject(results.map((_, index) => ({ response: `KIND ${index}.` })));
});
