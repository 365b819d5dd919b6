import { AlignSquadError } from '@align-squad/core';
import { doubleSquad, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad, type AlignResult } from '@align-squad/squad';
import { Agent, tool, Usage, type ModelProvider, type StreamEvent } from '@openai/agents';
import { assistantMessage, functionCall, modelError, modelStream } from '@openai/agents/testing';
import { functionInspector } from '@align-squad/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { alignModel, alignModelProvider } from './align-model.js';
import { agentOf, readRun, runner, scriptedModel, streamedAnswer, usage } from './test-support.js';

const squad = doubleSquad();
const withheld = 'This answer was withheld because it did not pass inspection.';
const mended = leakText.replace(leakMark, 'KIND');

function weather(): ReturnType<typeof tool> {
  return tool({ name: 'weather', description: 'Tells the weather.', parameters: z.object({ city: z.string() }), execute: ({ city }) => `RUDE winds in ${city}` });
}

describe('an answer in one piece', () => {
  test('is aligned; usage, ids and the response id stay, raw data of the provider go', async () => {
    const raw = {
      output: [{ ...assistantMessage('A RUDE word.', { id: 'message-1' }), providerData: { raw: 'A RUDE word.' } }],
      usage: new Usage(usage),
      responseId: 'response-1',
      providerData: { raw: 'A RUDE word.' },
    };
    const result = await runner.run(agentOf(alignModel(scriptedModel(raw), ['ethical'], { squad })), 'How?');
    expect(result.finalOutput).toBe('A KIND word.');
    expect(result.lastResponseId).toBe('response-1');
    expect(result.rawResponses).toMatchObject([{ usage, responseId: 'response-1', output: [{ id: 'message-1', status: 'completed' }] }]);
    expect(JSON.stringify([result.history, result.rawResponses, result.newItems])).not.toContain(leakMark);
  });

  test('that passes is the very response of the model', async () => {
    const response = { output: [assistantMessage('Fine.')], usage: new Usage(usage), providerData: { raw: 'Fine.' } };
    const result = await runner.run(agentOf(alignModel(scriptedModel(response), undefined, { squad })), 'How?');
    expect(result.rawResponses).toMatchObject([response]);
  });

  test.each(['DULL news.', 'CRASH.'])('that could not be shown to pass is withheld: %s', async (text) => {
    const result = await runner.run(agentOf(alignModel(scriptedModel(text), undefined, { squad })), 'How?');
    expect(result.finalOutput).toBe(withheld);
  });

  test('has each text of a message with several parts aligned, other parts stay', async () => {
    const refusal = { type: 'refusal' as const, refusal: 'No.' };
    const item = assistantMessage('One RUDE.');
    const content = [...item.content, refusal, { type: 'output_text' as const, text: 'Fine.' }];
    const model = alignModel(scriptedModel([{ ...item, content }]), undefined, { squad });
    const result = await runner.run(agentOf(model), 'How?');
    expect(result.output).toMatchObject([{ content: [{ text: 'One KIND.' }, refusal, { text: 'Fine.' }] }]);
  });

  test('with calls of tools keeps them, and what comes after them is aligned for the question', async () => {
    const results: AlignResult[] = [];
    const call = functionCall('weather', { city: 'RUDE' }, { callId: 'call-1' });
    const model = scriptedModel([assistantMessage('Some RUDE patience.'), call], 'RUDE winds.');
    const aligned = alignModel(model, undefined, { squad, onResult: (result) => void results.push(result) });
    const result = await runner.run(agentOf(aligned, [weather()]), 'How is it?');
    expect(result.finalOutput).toBe('KIND winds.');
    expect(result.output.filter(({ type }) => type === 'function_call')).toEqual([call]);
    expect(result.output[0]).toMatchObject({ content: [{ text: 'Some KIND patience.' }] });
    expect(results.map(({ original }) => original)).toEqual(['Some RUDE patience.', 'RUDE winds.']);
  });

  test('is judged with the last text of the user as prompt, and with the context', async () => {
    const seen: unknown[] = [];
    const inspector = functionInspector((exchange) => (seen.push(exchange), 0.1), { criteria: ['calm'] });
    const own = createSquad({ inspectors: [inspector], aligners: [] });
    const model = alignModel(scriptedModel('Fine.'), ['calm'], { squad: own, context: ({ systemInstructions }) => systemInstructions });
    const agent = agentOf(model).clone({ instructions: 'Be brief.' });
    await runner.run(agent, [{ role: 'user', content: 'First' }, assistantMessage('Hm.'), { role: 'user', content: [{ type: 'input_text', text: 'Second' }] }]);
    expect(seen).toEqual([{ prompt: 'Second', context: 'Be brief.', response: 'Fine.' }]);
  });

  test('by a schema is left alone', async () => {
    const text = '{"word":"RUDE"}';
    const model = alignModel(scriptedModel(text, streamedAnswer([text])), undefined, { squad });
    const agent = new Agent({ name: 'Help', model, outputType: z.object({ word: z.string() }) });
    expect((await runner.run(agent, 'How?')).finalOutput).toEqual({ word: 'RUDE' });
    const run = await runner.run(agent, 'How?', { stream: true });
    await run.completed;
    expect(run.finalOutput).toEqual({ word: 'RUDE' });
  });

  test('of a model that fails gives its error untouched, and what it tells of itself is kept', async () => {
    const failure = new RangeError('down');
    const failing = Object.assign(scriptedModel(modelError(failure, { suggested: false })), { supportsPromptModelSelection: true });
    const model = alignModel(failing, undefined, { squad });
    await expect(runner.run(agentOf(model).clone({ modelSettings: { retry: { maxRetries: 1 } } }), 'How?')).rejects.toBe(failure);
    expect(model.supportsPromptModelSelection).toBe(true);
    expect(failing.remainingSteps).toBe(0);
  });
});

describe('a streamed answer', () => {
  test('never shows what was mended, in no event and no state, whatever the pieces', async () => {
    for (const { pieces } of leakCases()) {
      const { seen, text, finalOutput } = await readRun(agentOf(alignModel(scriptedModel(streamedAnswer(pieces)), undefined, { squad })));
      expect(seen).not.toContain(leakMark);
      expect(text).toBe(mended);
      expect(finalOutput).toBe(mended);
    }
  });

  test('would show it where nothing is mended or withheld', async () => {
    const inspecting = createSquad({ inspectors: [functionInspector(() => 0.9, { criteria: ['ethical'] })], aligners: [] });
    const model = alignModel(scriptedModel(streamedAnswer([leakText])), undefined, { squad: inspecting, onUnfixed: 'keep' });
    expect((await readRun(agentOf(model))).seen).toContain(leakMark);
  });

  test('comes as a stream of text without what was mended', async () => {
    const model = alignModel(scriptedModel(streamedAnswer(['Say RU', 'DE things. ', 'Go.'])), undefined, { squad });
    const run = await runner.run(agentOf(model), 'How?', { stream: true });
    const pieces: string[] = [];
    for await (const piece of run.toTextStream()) pieces.push(piece);
    expect(pieces).toEqual(['Say KIND things. ', 'Go.']);
  });

  test('is one inspection of each sentence: the whole response is not judged again', async () => {
    const results: AlignResult[] = [];
    await readRun(agentOf(alignModel(scriptedModel(streamedAnswer(['A. ', 'B.'])), undefined, { squad, onResult: (result) => void results.push(result) })));
    expect(results.map(({ original }) => original)).toEqual(['A. B.']);
  });

  test('ends with the message for an answer that was withheld', async () => {
    const { text, finalOutput } = await readRun(agentOf(alignModel(scriptedModel(streamedAnswer(['DU', 'LL.'])), undefined, { squad })));
    expect([text, finalOutput]).toEqual([withheld, withheld]);
  });

  test('ends with the correction of the whole answer where `closing` asks for it', async () => {
    const model = alignModel(scriptedModel(streamedAnswer(['RUDE. ', 'Go.'])), undefined, { squad, wholeOnly: ['ethical'], closing: 'event' });
    const { text, finalOutput } = await readRun(agentOf(model));
    expect([text, finalOutput]).toEqual(['RUDE. Go.', 'KIND. Go.']);
  });

  test('whose text comes only with the end is aligned there', async () => {
    const { events } = streamedAnswer(['RUDE.']) as unknown as { events: StreamEvent[] };
    const model = alignModel(scriptedModel(modelStream(events.slice(-1))), undefined, { squad });
    const { seen, text, finalOutput } = await readRun(agentOf(model));
    expect([text, finalOutput]).toEqual(['', 'KIND.']);
    expect(seen).not.toContain(leakMark);
  });

  test('keeps usage, ids and calls of tools', async () => {
    const call = functionCall('weather', { city: 'RUDE' }, { callId: 'call-1', id: 'item-1' });
    const model = scriptedModel([assistantMessage('Some RUDE patience.', { id: 'm-1' }), call], 'RUDE winds.');
    const { events, finalOutput } = await readRun(agentOf(alignModel(model, undefined, { squad }), [weather()]));
    const done = events.flatMap((event) => (event.type === 'raw_model_stream_event' && event.data.type === 'response_done' ? [event.data.response] : []));
    expect(done).toMatchObject([{ output: [{ id: 'm-1', content: [{ text: 'Some KIND patience.' }] }, call] }, { id: 'response-1', usage, output: [{ id: 'message-1' }] }]);
    expect(finalOutput).toBe('KIND winds.');
  });

  test('of a model that fails gives what was complete, then its error untouched', async () => {
    const failure = new RangeError('down');
    async function* events(): AsyncGenerator<StreamEvent> {
      yield { type: 'output_text_delta', delta: 'Fine. RU' };
      throw failure;
    }
    const run = await runner.run(agentOf(alignModel(scriptedModel(modelStream(events())), undefined, { squad })), 'How?', { stream: true });
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const event of run) seen.push(event);
    };
    await expect(read()).rejects.toBe(failure);
    expect(JSON.stringify(seen)).toContain('Fine. ');
    expect(JSON.stringify(seen)).not.toContain('RU');
  });

  test('stops with the signal of the run', async () => {
    const stop = new AbortController();
    let isClosed = false;
    async function* events(): AsyncGenerator<StreamEvent> {
      try {
        for (;;) yield { type: 'output_text_delta', delta: 'Fine. ' };
      } finally {
        isClosed = true;
      }
    }
    const model = alignModel(scriptedModel(modelStream(events())), undefined, { squad });
    const run = await runner.run(agentOf(model), 'How?', { stream: true, signal: stop.signal });
    let count = 0;
    for await (const event of run) if (event.type === 'raw_model_stream_event' && ++count === 3) stop.abort();
    await run.completed.catch(() => undefined);
    await expect.poll(() => isClosed).toBe(true);
  });

  test('does not mix with another one at the same time', async () => {
    const one = streamedAnswer(['One RU', 'DE. ', 'First.']);
    const two = streamedAnswer(['Two RUD', 'E. ', 'Second.']);
    const model = alignModel(scriptedModel(one, two), undefined, { squad });
    const runs = await Promise.all([readRun(agentOf(model)), readRun(agentOf(model))]);
    expect(runs.map(({ text }) => text)).toEqual(['One KIND. First.', 'Two KIND. Second.']);
  });
});

test('a provider gives models that align, by name', async () => {
  const names: (string | undefined)[] = [];
  const provider: ModelProvider = { getModel: (name) => (names.push(name), scriptedModel('RUDE.')) };
  const model = await alignModelProvider(provider, ['ethical'], { squad }).getModel('small');
  expect((await runner.run(agentOf(model), 'How?')).finalOutput).toBe('KIND.');
  expect(names).toEqual(['small']);
});

test('wrong options are rejected at once', () => {
  const codes = [{ context: 3 }, { speed: 1 }, { squad: 'all' }].map((options) => {
    try {
      // cast, because the compiler rejects them too
      return alignModel(scriptedModel(), undefined, options as never);
    } catch (error) {
      return AlignSquadError.isInstance(error) && error.code;
    }
  });
  expect(codes[0]).toBe('invalid-options');
  expect(codes[2]).toBe('invalid-options');
});
