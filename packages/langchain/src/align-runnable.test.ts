import { AlignSquadError } from '@align-squad/core';
import { functionInspector } from '@align-squad/core/testing';
import { doubleSquad, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad, type AlignResult } from '@align-squad/squad';
import { AIMessage, AIMessageChunk } from '@langchain/core/messages';
import { StringOutputParser } from '@langchain/core/output_parsers';
import { RunnablePassthrough, type RunnableConfig } from '@langchain/core/runnables';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import { describe, expect, test } from 'vitest';
import { createAlignRunnable } from './align-runnable.js';

const squad = doubleSquad();
const withheld = 'This answer was withheld because it did not pass inspection.';
const mended = leakText.replace(leakMark, 'KIND');

function listModel(...responses: string[]): FakeListChatModel {
  return new FakeListChatModel({ responses });
}

function streamingModel(pieces: readonly string[]): FakeStreamingChatModel {
  return new FakeStreamingChatModel({ chunks: pieces.map((content) => new AIMessageChunk(content)) });
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

async function* streamOf<T>(...items: T[]): AsyncGenerator<T> {
  yield* items;
}

/** An inspector's view of the exchanges, which all pass. */
function watchingSquad(): { seen: unknown[]; options: { squad: ReturnType<typeof createSquad> } } {
  const seen: unknown[] = [];
  const inspector = functionInspector((exchange) => (seen.push(exchange), 0.1), { criteria: ['calm'] });
  return { seen, options: { squad: createSquad({ inspectors: [inspector], aligners: [] }) } };
}

describe('one answer', () => {
  test('a text comes back as aligned text', async () => {
    const chain = listModel('A RUDE word.').pipe(new StringOutputParser()).pipe(createAlignRunnable(['ethical'], { squad }));
    const answer: string = await chain.invoke('How?');
    expect(answer).toBe('A KIND word.');
  });

  test('a message comes back as a message of its class, with a report and without raw data of the provider', async () => {
    const message = new AIMessage({
      id: 'message-1',
      content: 'A RUDE word.',
      response_metadata: { finish_reason: 'stop', tokenUsage: { promptTokens: 7 }, logprobs: [{ token: 'RUDE' }], output: [{ text: 'A RUDE word.' }] },
      additional_kwargs: { __raw_response: { text: 'A RUDE word.' }, other: 1 },
    });
    Object.assign(message, { usage_metadata: { input_tokens: 7, output_tokens: 11, total_tokens: 18 } });
    const aligned = await createAlignRunnable<AIMessage>(undefined, { squad }).invoke(message);
    expect(AIMessage.isInstance(aligned)).toBe(true);
    expect(aligned).toMatchObject({ id: 'message-1', content: 'A KIND word.', usage_metadata: message.usage_metadata, additional_kwargs: { other: 1 } });
    expect(aligned.response_metadata).toMatchObject({ finish_reason: 'stop', tokenUsage: { promptTokens: 7 }, align_squad: [{ outcome: 'aligned', changed: true }] });
    expect(JSON.stringify(aligned)).not.toContain(leakMark);
    expect(message.content).toBe('A RUDE word.');
  });

  test('a message that passes keeps all of its data', async () => {
    const message = new AIMessage({ content: 'Fine.', response_metadata: { logprobs: [{ token: 'Fine' }] } });
    const aligned = await createAlignRunnable(undefined, { squad }).invoke(message);
    expect(aligned).toMatchObject({ content: 'Fine.', response_metadata: { ...message.response_metadata, align_squad: [{ outcome: 'clean' }] } });
  });

  test('calls of tools stay; a message with nothing else is the very same', async () => {
    const call = { name: 'weather', args: { city: 'RUDE' }, id: 'call-1', type: 'tool_call' as const };
    const align = createAlignRunnable(undefined, { squad });
    const spoken = await align.invoke(new AIMessage({ content: 'Some RUDE patience.', tool_calls: [call] }));
    expect(spoken).toMatchObject({ content: 'Some KIND patience.', tool_calls: [call] });
    const silent = new AIMessage({ content: '', tool_calls: [call] });
    expect(await align.invoke(silent)).toBe(silent);
  });

  test('of a content of blocks each text is aligned and the others stay', async () => {
    const reasoning = { type: 'reasoning', reasoning: 'RUDE?' };
    const fine = { type: 'text', text: 'Fine.', annotations: [{ type: 'citation', url: 'a' }] };
    const message = new AIMessage({ content: [reasoning, fine, { type: 'text', text: 'RUDE.', annotations: [{ cited: 'RUDE' }] }] });
    const aligned = await createAlignRunnable(undefined, { squad }).invoke(message);
    expect(aligned).toMatchObject({ content: [reasoning, fine, { type: 'text', text: 'KIND.' }], response_metadata: { align_squad: [{ outcome: 'clean' }, { outcome: 'aligned' }] } });
    expect((aligned as AIMessage).content.at(-1)).not.toHaveProperty('annotations');
  });

  test.each(['DULL news.', 'CRASH.'])('that could not be shown to pass is withheld: %s', async (text) => {
    expect(await createAlignRunnable(undefined, { squad }).invoke(text)).toBe(withheld);
  });

  test('with the policy `throw` an answer that can not be mended rejects', async () => {
    await expect(createAlignRunnable(undefined, { squad, onUnfixed: 'throw' }).invoke('DULL news.')).rejects.toMatchObject({ code: 'blocked' });
  });

  test('many come in one batch, each aligned on its own', async () => {
    const align = createAlignRunnable(undefined, { squad });
    expect(await align.batch(['RUDE one.', 'Two.', 'DULL three.'])).toEqual(['KIND one.', 'Two.', withheld]);
  });

  test('a signal that is aborted ends the call with its reason', async () => {
    const stop = new AbortController();
    const inspector = functionInspector(() => (stop.abort(new RangeError('enough')), 0.1), { criteria: ['calm'] });
    const own = createSquad({ inspectors: [inspector], aligners: [] });
    await expect(createAlignRunnable(undefined, { squad: own }).invoke('Fine.', { signal: stop.signal })).rejects.toThrow('enough');
  });
});

describe('what is answered', () => {
  test('is taken from a record, which comes back with its answer aligned', async () => {
    const answer = listModel('RUDE.').pipe(new StringOutputParser());
    const chain = RunnablePassthrough.assign({ answer: () => answer.invoke('How?') }).pipe(createAlignRunnable(undefined, { squad }));
    expect(await chain.invoke({ question: 'How?' })).toEqual({ question: 'How?', answer: 'KIND.' });
    const { seen, options } = watchingSquad();
    await createAlignRunnable(undefined, options).invoke({ question: 'How?', context: 'Notes', answer: 'Fine.' });
    await createAlignRunnable(undefined, { ...options, answerKey: 'reply' }).invoke({ prompt: 'Why?', reply: new AIMessage('Fine.') });
    expect(seen).toEqual([{ prompt: 'How?', context: 'Notes', response: 'Fine.' }, { prompt: 'Why?', response: 'Fine.' }]);
  });

  test('is what `exchangeOf` says of the input and the config', async () => {
    const { seen, options } = watchingSquad();
    const exchangeOf = (_: unknown, { metadata }: Partial<RunnableConfig>): { prompt: string } => ({ prompt: String(metadata?.['question']) });
    const chain = listModel('Fine.').pipe(createAlignRunnable(undefined, { ...options, exchangeOf }));
    await chain.invoke('How?', { metadata: { question: 'How?' } });
    await collect(await chain.stream('How?', { metadata: { question: 'Why?' } }));
    expect(seen).toEqual([{ prompt: 'How?', response: 'Fine.' }, { prompt: 'Why?', response: 'Fine.' }]);
  });

  test('an input without an answer is rejected without its text', async () => {
    const error = await createAlignRunnable(undefined, { squad }).invoke({ question: 'RUDE' }).catch((reason: unknown) => reason);
    expect(AlignSquadError.isInstance(error) && [error.code, error.message]).toEqual(['invalid-exchange', 'Expected a string, an AI message, or a record with one of them as `answer`.']);
  });
});

describe('a stream', () => {
  test('of messages never shows what was mended, whatever the pieces', async () => {
    for (const { pieces } of leakCases()) {
      const chain = streamingModel(pieces).pipe(createAlignRunnable<AIMessageChunk>(undefined, { squad }));
      const chunks = await collect(await chain.stream('How?'));
      expect(JSON.stringify(chunks)).not.toContain(leakMark);
      const whole = chunks.reduce((left, right) => left.concat(right));
      expect(whole.content).toBe(mended);
      expect(whole.response_metadata).toMatchObject({ align_squad: [{ outcome: 'aligned', changed: true }] });
    }
  });

  test('of texts never shows what was mended, whatever the pieces', async () => {
    for (const { pieces } of leakCases()) {
      const chain = streamingModel(pieces).pipe(new StringOutputParser()).pipe(createAlignRunnable(undefined, { squad }));
      const texts = await collect(await chain.stream('How?'));
      expect(texts.some((text) => text.includes(leakMark))).toBe(false);
      expect(texts.join('')).toBe(mended);
    }
  });

  test('of events shows the aligned answer as output of the chain; only events of the model and what the step was given are raw', async () => {
    for (const { pieces } of leakCases()) {
      const chain = streamingModel(pieces).pipe(createAlignRunnable(undefined, { squad }));
      const events = await collect(chain.streamEvents('How?', { version: 'v2' }));
      const outputs = events.filter(({ event, name }) => name !== 'FakeStreamingChatModel' && event !== 'on_chain_start').map(({ data }) => [data.chunk, data.output]);
      expect(outputs.length).toBeGreaterThan(2);
      expect(JSON.stringify(outputs)).not.toContain(leakMark);
      expect(JSON.stringify(outputs.at(-1))).toContain('KIND');
    }
  });

  test('would show it where nothing is mended or withheld', async () => {
    const inspecting = createSquad({ inspectors: [functionInspector(() => 0.9, { criteria: ['ethical'] })], aligners: [] });
    const chain = streamingModel([leakText]).pipe(createAlignRunnable<AIMessageChunk>(undefined, { squad: inspecting, onUnfixed: 'keep' }));
    expect(JSON.stringify(await collect(await chain.stream('How?')))).toContain(leakMark);
  });

  test('gives each sentence as soon as it passed', async () => {
    const chain = listModel('Go on. Say RUDE things. Go.').pipe(new StringOutputParser()).pipe(createAlignRunnable(undefined, { squad }));
    expect(await collect(await chain.stream('How?'))).toEqual(['Go on. ', 'Say KIND things. ', 'Go.']);
  });

  test('of one input is a stream too, and of records one record', async () => {
    const align = createAlignRunnable(undefined, { squad });
    expect(await collect(await align.stream('One. RUDE.'))).toEqual(['One. ', 'KIND.']);
    expect(await collect(align.transform(streamOf({ question: 'How?' }, { answer: 'RU' }, { answer: 'DE.' }), {}))).toEqual([{ question: 'How?', answer: 'KIND.' }]);
    expect(await collect(align.transform(streamOf(), {}))).toEqual([]);
    expect(await collect(align.transform(streamOf(new AIMessage('RUDE.')), {}))).toMatchObject([{ content: 'KIND.' }]);
  });

  test('ends with the message for an answer that was withheld', async () => {
    expect((await collect(await createAlignRunnable(undefined, { squad }).stream('DULL.'))).join('')).toBe(withheld);
  });

  test('of a model that fails gives what was complete, then its error untouched', async () => {
    const failure = new RangeError('down');
    async function* pieces(): AsyncGenerator<string> {
      yield 'Fine. RU';
      throw failure;
    }
    const seen: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const text of createAlignRunnable(undefined, { squad }).transform(pieces(), {})) seen.push(text);
    };
    await expect(read()).rejects.toBe(failure);
    expect(seen).toEqual(['Fine. ']);
  });

  test('lets its source go when the reader leaves, and when the signal says so', async () => {
    let closed = 0;
    async function* pieces(): AsyncGenerator<string> {
      try {
        for (;;) yield 'Fine. ';
      } finally {
        closed++;
      }
    }
    const align = createAlignRunnable(undefined, { squad });
    for await (const _ of align.transform(pieces(), {})) break;
    await expect.poll(() => closed).toBe(1);
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for await (const _ of align.transform(pieces(), { signal: stop.signal })) stop.abort(new RangeError('enough'));
    };
    await expect(read()).rejects.toThrow('enough');
    await expect.poll(() => closed).toBe(2);
  });

  test('does not mix with another one at the same time', async () => {
    const results: AlignResult[] = [];
    const align = createAlignRunnable(undefined, { squad, onResult: (result) => void results.push(result) });
    const read = async (text: string): Promise<string> => (await collect(await listModel(text).pipe(new StringOutputParser()).pipe(align).stream('How?'))).join('');
    expect(await Promise.all([read('One RUDE. First.'), read('Two RUDE. Second.')])).toEqual(['One KIND. First.', 'Two KIND. Second.']);
    expect(results.map(({ original }) => original).sort()).toEqual(['One RUDE. First.', 'Two RUDE. Second.']);
  });
});

test.each([{ answerKey: 3 }, { exchangeOf: 3 }, { squad: 'all' }])('wrong options are rejected at once: %j', (options) => {
  // cast, because the compiler rejects them too
  expect(() => createAlignRunnable(undefined, options as never)).toThrow(AlignSquadError);
});
