import { AlignSquadError, raceAbort, type Exchange } from '@align-squad/core';
import { doubleInspector, doubleSquad, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad, type Squad } from '@align-squad/squad';
import { JSONParseError } from '@ai-sdk/provider';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { alignMiddleware, type AlignMiddlewareOptions } from './align-middleware.js';
import { majors, type TestResult } from './test-support.js';

const mended = leakText.replace(leakMark, 'KIND');
const text = (value: string): TestResult['content'][number] => ({ type: 'text', text: value, providerMetadata: { test: { quote: value } } });
const metadata = { test: { logprobs: ['of', 'the', 'answer'] } };
const weather = { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"RUDE"}', providerExecuted: true, dynamic: true } as const;

/** A squad that notes what it was asked. */
function spySquad(seen: Exchange[]): Squad {
  const squad = doubleSquad();
  return {
    ...squad,
    align: (exchange, options) => {
      if (typeof exchange === 'object') seen.push(exchange);
      return squad.align(exchange, options);
    },
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each(majors)('generateText of $name', ({ generate }) => {
  test('gives the mended text and a report without text', async () => {
    const result = await generate({ content: [text(leakText)], providerMetadata: metadata });
    expect(result.text).toBe(mended);
    expect(result.providerMetadata).toMatchObject({ 'align-squad': { texts: [{ outcome: 'aligned', changed: true }], reasoning: [] } });
    expect(JSON.stringify(result.providerMetadata)).not.toMatch(/RUDE|KIND|logprobs/);
    expect(JSON.stringify(result.content)).not.toContain(leakMark);
  });

  test('leaves a clean answer with its metadata as it was', async () => {
    const parts = [text('The train leaves'), text(' at nine.')];
    const result = await generate({ content: parts, providerMetadata: metadata });
    expect(result.content).toMatchObject(parts);
    expect(result.providerMetadata).toMatchObject({ ...metadata, 'align-squad': { texts: [{ outcome: 'clean' }] } });
  });

  test('judges several text parts as one, with the tool call between them untouched', async () => {
    const result = await generate({ content: [text('Say RU'), weather, text('DE words.')] });
    expect(result.text).toBe('Say KIND words.');
    expect(result.content.map(({ type }) => type)).toEqual(['text', 'tool-call']);
    expect(result.content[1]).toMatchObject({ toolCallId: 'c', input: { city: 'RUDE' } });
  });

  test('withholds what can not be mended and what could not be inspected', async () => {
    for (const answer of ['Some DULL and RUDE words.', 'CRASH.']) {
      const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
      const result = await generate({ content: [text(answer)] }, { options: { squad, withheldMessage: 'Withheld.' } });
      expect(result.text).toBe('Withheld.');
    }
  });

  test('takes the raw body away and keeps the request, the id and the warnings', async () => {
    const warnings: TestResult['warnings'] = [{ type: 'other', message: 'w' }];
    const response = { id: 'r', body: { raw: leakText } };
    vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
    const result = await generate({ content: [text(leakText)], request: { body: 'q' }, response, warnings });
    expect([result.request.body, result.response.id, result.warnings]).toEqual(['q', 'r', warnings]);
    expect(JSON.stringify(result.response)).not.toContain(leakMark);
  });

  test('leaves structured output alone and says so', async () => {
    const answer = '{"answer":"RUDE"}';
    const result = await generate({ content: [text(answer)], providerMetadata: metadata }, { structured: true });
    expect(result.output).toEqual({ answer: 'RUDE' });
    expect(result.providerMetadata).toEqual({ ...metadata, 'align-squad': { texts: [], reasoning: [], skipped: 'structured-output' } });
  });

  test('aligns, drops or keeps reasoning', async () => {
    const content: TestResult['content'] = [{ type: 'reasoning', text: 'Be RUDE.', providerMetadata: metadata }, text('Ask first.')];
    const reasoned = async (reasoning?: 'drop' | 'keep'): Promise<string | undefined> =>
      (await generate({ content }, { options: { reasoning } })).reasoningText;
    expect([await reasoned(), await reasoned('drop'), await reasoned('keep')]).toEqual(['Be KIND.', undefined, 'Be RUDE.']);
    const { providerMetadata } = await generate({ content, providerMetadata: metadata });
    expect(providerMetadata).toMatchObject({ 'align-squad': { texts: [{ outcome: 'clean' }], reasoning: [{ outcome: 'aligned' }] } });
    expect(providerMetadata).not.toHaveProperty('test');
  });

  test('rejects with the error of the model, unless that quotes the answer', async () => {
    const failure = new RangeError('upstream');
    await expect(generate(failure)).rejects.toBe(failure);
    const quoting = new JSONParseError({ text: leakText, cause: failure });
    const error: unknown = await generate(quoting).catch((reason: unknown) => reason);
    expect(AlignSquadError.isInstance(error) && error.code).toBe('source-failed');
    expect(String(error)).not.toContain(leakMark);
  });

  test('rejects with blocked where the policy throws', async () => {
    const options: AlignMiddlewareOptions = { squad: createSquad({ inspectors: [doubleInspector()], aligners: [] }), onUnfixed: 'throw' };
    await expect(generate({ content: [text(leakText)] }, { options })).rejects.toMatchObject({ code: 'blocked' });
  });

  test('tells the squad the last user message, and the context of the call', async () => {
    const seen: Exchange[] = [];
    const squad = spySquad(seen);
    await generate({ content: [text('At nine.')] }, { prompt: 'When does it leave?', options: { squad, context: 'Timetable.' } });
    await generate({ content: [text('At nine.')] }, { options: { squad, context: ({ prompt }) => `${prompt.length} message` } });
    expect(seen).toEqual([
      { prompt: 'When does it leave?', context: 'Timetable.', response: 'At nine.' },
      { prompt: 'When?', context: '1 message', response: 'At nine.' },
    ]);
  });
});

test('text that stands beside the content for parsing is not given', async () => {
  const { wrapGenerate } = alignMiddleware(['ethical'], { squad: doubleSquad() });
  const result = { content: [text('Ask first.')], structuredOutputText: leakText };
  expect(await wrapGenerate({ doGenerate: async () => result, params: { prompt: [] } })).not.toHaveProperty('structuredOutputText');
});

test('the signal of the call aborts the alignment', async () => {
  const controller = new AbortController();
  const squad: Squad = {
    ...doubleSquad(),
    align: (_exchange, options) => {
      const result = raceAbort(new Promise<never>(() => undefined), options?.signal);
      controller.abort(new RangeError('gone'));
      return result;
    },
  };
  const { wrapGenerate } = alignMiddleware(['ethical'], { squad });
  const params = { prompt: [], abortSignal: controller.signal };
  await expect(wrapGenerate({ doGenerate: async () => ({ content: [text('Ask first.')] }), params })).rejects.toThrow('gone');
});

test('options of the wrong kind are rejected at once', () => {
  const wrong: readonly object[] = [{ context: 1 }, { reasoning: 'hide' }, { squad: {} }, { onResult: 'log' }];
  // casts, because the types forbid all of them
  for (const options of wrong) expect(() => alignMiddleware(['ethical'], options as AlignMiddlewareOptions)).toThrow(AlignSquadError);
});
