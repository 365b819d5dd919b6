import { AlignSquadError } from '@align-squad/core';
import { functionInspector } from '@align-squad/core/testing';
import { doubleSquad, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad, type AlignResult } from '@align-squad/squad';
import { AIMessage, AIMessageChunk, HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { createAgent, fakeModel, MiddlewareError, providerStrategy, tool, toolStrategy } from 'langchain';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { alignMiddleware, type AlignMiddlewareOptions } from './align-middleware.js';

const squad = doubleSquad();
const withheld = 'This answer was withheld because it did not pass inspection.';
const mended = leakText.replace(leakMark, 'KIND');
const question = { messages: [new HumanMessage('How?')] };
const weather = tool(({ city }: { city: string }) => `Winds in ${city}`, { name: 'weather', description: 'Tells the weather.', schema: z.object({ city: z.string() }) });

function streamingModel(pieces: readonly string[]): FakeStreamingChatModel {
  return new FakeStreamingChatModel({ chunks: pieces.map((content) => new AIMessageChunk(content)) });
}

function align(options: AlignMiddlewareOptions = {}): ReturnType<typeof alignMiddleware>[] {
  return [alignMiddleware(undefined, { squad, ...options })];
}

async function readModes(agent: { stream: ReturnType<typeof createAgent>['stream'] }): Promise<[string, unknown][]> {
  const parts: [string, unknown][] = [];
  // cast, because the type of the parts depends on the modes
  for await (const part of await agent.stream(question, { streamMode: ['messages', 'updates', 'values'] })) parts.push(part as [string, unknown]);
  return parts;
}

function textOf(messages: readonly BaseMessage[]): string | undefined {
  return messages.at(-1)?.text;
}

describe('the answer of an agent', () => {
  test('is aligned in its state, with a report', async () => {
    const agent = createAgent({ model: fakeModel().respond(new AIMessage('A RUDE word.')), middleware: align() });
    const { messages } = await agent.invoke(question);
    expect(textOf(messages)).toBe('A KIND word.');
    expect(messages.at(-1)?.response_metadata).toMatchObject({ align_squad: [{ outcome: 'aligned' }] });
    expect(JSON.stringify(messages)).not.toContain(leakMark);
  });

  test.each(['DULL news.', 'CRASH.'])('that could not be shown to pass is withheld: %s', async (text) => {
    const agent = createAgent({ model: fakeModel().respond(new AIMessage(text)), middleware: align() });
    expect(textOf((await agent.invoke(question)).messages)).toBe(withheld);
  });

  test('after calls of tools, which stay, is aligned like the text beside the calls', async () => {
    const results: AlignResult[] = [];
    const call = { name: 'weather', args: { city: 'RUDE' }, id: 'call-1', type: 'tool_call' as const };
    const model = fakeModel().respond(new AIMessage({ content: 'Some RUDE patience.', tool_calls: [call] })).respond(new AIMessage('RUDE winds.'));
    const agent = createAgent({ model, tools: [weather], middleware: align({ onResult: (result) => void results.push(result) }) });
    const { messages } = await agent.invoke(question);
    expect(messages).toMatchObject([{}, { content: 'Some KIND patience.', tool_calls: [call] }, { content: 'Winds in RUDE' }, { content: 'KIND winds.' }]);
    expect(results.map(({ original }) => original)).toEqual(['Some RUDE patience.', 'RUDE winds.']);
  });

  test('is judged with the last text of the user as prompt, and with the context', async () => {
    const seen: unknown[] = [];
    const inspector = functionInspector((exchange) => (seen.push(exchange), 0.1), { criteria: ['calm'] });
    const own = createSquad({ inspectors: [inspector], aligners: [] });
    const middleware = align({ squad: own, context: ({ systemPrompt }) => systemPrompt });
    const agent = createAgent({ model: fakeModel().respond(new AIMessage('Fine.')), systemPrompt: 'Be brief.', middleware });
    await agent.invoke({ messages: [new HumanMessage('First'), new AIMessage('Hm.'), new HumanMessage({ content: [{ type: 'text', text: 'Second' }] })] });
    expect(seen).toEqual([{ prompt: 'Second', context: 'Be brief.', response: 'Fine.' }]);
  });

  test('rejects with the error of the model, and with that of the squad as cause', async () => {
    const failing = createAgent({ model: fakeModel().alwaysThrow(new RangeError('down')), middleware: align() });
    await expect(failing.invoke(question)).rejects.toMatchObject({ message: 'down' });
    const throwing = createAgent({ model: fakeModel().respond(new AIMessage('DULL.')), middleware: align({ onUnfixed: 'throw' }) });
    const error = await throwing.invoke(question).catch((reason: unknown) => reason);
    expect(MiddlewareError.isInstance(error) && AlignSquadError.isInstance(error.cause) && error.cause.code).toBe('blocked');
  });

  test('is given up when the signal says so', async () => {
    const stop = new AbortController();
    const inspector = functionInspector(() => (stop.abort(new RangeError('enough')), 0.1), { criteria: ['calm'] });
    const own = createSquad({ inspectors: [inspector], aligners: [] });
    const agent = createAgent({ model: fakeModel().respond(new AIMessage('Fine.')), middleware: align({ squad: own }) });
    await expect(agent.invoke(question, { signal: stop.signal })).rejects.toThrow();
  });

  test('does not mix with another one at the same time', async () => {
    const agents = ['One RUDE.', 'Two RUDE.'].map((text) => createAgent({ model: fakeModel().respond(new AIMessage(text)), middleware: align() }));
    const states = await Promise.all(agents.map((agent) => agent.invoke(question)));
    expect(states.map(({ messages }) => textOf(messages))).toEqual(['One KIND.', 'Two KIND.']);
  });
});

describe('a structured response', () => {
  const schema = z.object({ word: z.string() });

  test('of the model itself is left alone', async () => {
    const agent = createAgent({ model: fakeModel().respond(new AIMessage('{"word":"RUDE"}')), responseFormat: providerStrategy(schema), middleware: align() });
    expect((await agent.invoke(question)).structuredResponse).toEqual({ word: 'RUDE' });
  });

  test('by a call of a tool is left alone, the text beside it is aligned', async () => {
    const format = toolStrategy(schema);
    const call = { name: format[0]?.name ?? '', args: { word: 'RUDE' }, id: 'call-1', type: 'tool_call' as const };
    const model = fakeModel().respond(new AIMessage({ content: 'My RUDE word:', tool_calls: [call] }));
    const { messages, structuredResponse } = await createAgent({ model, responseFormat: format, middleware: align() }).invoke(question);
    expect(structuredResponse).toEqual({ word: 'RUDE' });
    expect(messages[1]).toMatchObject({ content: 'My KIND word:', tool_calls: [call] });
  });

  test('that is asked for again leaves no raw text in the state', async () => {
    const format = toolStrategy(schema);
    const call = (args: object): object => ({ name: format[0]?.name ?? '', args, id: 'call-1', type: 'tool_call' });
    const wrong = new AIMessage({ id: 'a', content: 'My RUDE word:', tool_calls: [call({ word: 3 })] as never });
    const right = new AIMessage({ id: 'b', content: 'Again:', tool_calls: [call({ word: 'fine' })] as never });
    const { messages, structuredResponse } = await createAgent({ model: fakeModel().respond(wrong).respond(right), responseFormat: format, middleware: align() }).invoke(question);
    expect(structuredResponse).toEqual({ word: 'fine' });
    expect(JSON.stringify(messages)).not.toContain(leakMark);
  });
});

describe('a stream', () => {
  test('never shows what was mended, in no mode, whatever the pieces; messages have the aligned text once', async () => {
    for (const { pieces } of leakCases()) {
      const parts = await readModes(createAgent({ model: streamingModel(pieces), middleware: align() }));
      expect(JSON.stringify(parts)).not.toContain(leakMark);
      const messages = parts.flatMap(([mode, part]) => (mode === 'messages' ? (part as BaseMessage[])[0]?.text : []));
      expect(messages).toEqual([mended]);
      expect(JSON.stringify(parts.at(-1))).toContain(mended);
    }
  });

  test('would show it without the tag on the model', async () => {
    expect(JSON.stringify(await readModes(createAgent({ model: streamingModel([leakText]) })))).toContain(leakMark);
  });

  test('would show it where nothing is mended or withheld', async () => {
    const inspecting = createSquad({ inspectors: [functionInspector(() => 0.9, { criteria: ['ethical'] })], aligners: [] });
    const middleware = align({ squad: inspecting, onUnfixed: 'keep' });
    expect(JSON.stringify(await readModes(createAgent({ model: streamingModel([leakText]), middleware })))).toContain(leakMark);
  });

  test('keeps tags and options that the model was bound with', async () => {
    const seen: unknown[] = [];
    const model = streamingModel(['Fine.']).withConfig({ tags: ['own'], callbacks: [{ handleChatModelStart: (...args: unknown[]) => void seen.push(args[5]) }] });
    await createAgent({ model, tools: [weather], middleware: align() }).invoke(question);
    expect(seen).toEqual([expect.arrayContaining(['own', 'nostream'])]);
  });
});

test.each([{ context: 3 }, { squad: 'all' }])('wrong options are rejected at once: %j', (options) => {
  // cast, because the compiler rejects them too
  expect(() => alignMiddleware(undefined, options as never)).toThrow(AlignSquadError);
});
