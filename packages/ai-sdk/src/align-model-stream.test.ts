import { AlignSquadError } from '@align-squad/core';
import { doubleInspector, doubleSquad, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad, type AlignResult } from '@align-squad/squad';
import { TypeValidationError } from '@ai-sdk/provider';
import { convertArrayToReadableStream } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { alignMiddleware } from './align-middleware.js';
import { collect, finish, majors, streamOf, textOf, textParts, type TestPart } from './test-support.js';

const mended = leakText.replace(leakMark, 'KIND');
const pieces = leakText.match(/.{1,7}/gs) ?? [];
const metadata = { test: { logprobs: ['of', 'the', 'answer'] } };
const finishWith = { ...finish, providerMetadata: metadata };
const toolParts: TestPart[] = [
  { type: 'tool-input-start', id: 'c', toolName: 'weather', providerExecuted: true, dynamic: true },
  { type: 'tool-input-delta', id: 'c', delta: '{"city":"RUDE"}' },
  { type: 'tool-input-end', id: 'c' },
  { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: '{"city":"RUDE"}', providerExecuted: true, dynamic: true },
  { type: 'tool-result', toolCallId: 'c', toolName: 'weather', result: 'sunny', dynamic: true },
];
const sourcePart: TestPart = { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com/' };

const typesOf = (items: readonly { readonly type: string }[]): string[] => items.map(({ type }) => type);

/** A stream that gives the parts and then waits until it is cancelled. */
function waitingStream(parts: readonly TestPart[], onCancel: () => void): ReadableStream<TestPart> {
  return new ReadableStream({
    start: (controller) => parts.forEach((part) => controller.enqueue(part)),
    cancel: onCancel,
  });
}

describe.each(majors)('streamText of $name', ({ stream }) => {
  test('gives the mended text as a text stream, with the report at the end', async () => {
    const result = stream(streamOf([...textParts('1', pieces), finishWith]));
    expect((await collect(result.textStream)).items.join('')).toBe(mended);
    expect(await result.providerMetadata).toMatchObject({ 'align-squad': { texts: [{ outcome: 'aligned' }], reasoning: [] } });
    expect(JSON.stringify(await result.providerMetadata)).not.toMatch(/RUDE|KIND|logprobs/);
  });

  test('leaves a clean answer with its metadata as it was', async () => {
    const signed: TestPart = { type: 'text-delta', id: '1', delta: '', providerMetadata: { test: { signature: 'S' } } };
    const [start, delta, end] = textParts('1', ['The train leaves at nine.']);
    const parts = [start, delta, signed, end, finishWith].filter((part) => part !== undefined);
    const result = stream(streamOf(parts));
    const { items } = await collect(result.fullStream);
    expect(textOf(items)).toBe('The train leaves at nine.');
    expect(items.find(({ type }) => type === 'text-end')).toMatchObject({ providerMetadata: { test: { signature: 'S' } } });
    expect(await result.providerMetadata).toMatchObject({ ...metadata, 'align-squad': { texts: [{ outcome: 'clean' }] } });
  });

  test('metadata of a text that had to change is not given', async () => {
    const [start, delta] = textParts('1', [leakText]);
    const end: TestPart = { type: 'text-end', id: '1', providerMetadata: { test: { quote: leakText } } };
    const { items } = await collect(stream(streamOf([start, delta, end, finish].filter((part) => part !== undefined))).fullStream);
    expect(textOf(items)).toBe(mended);
    expect(JSON.stringify(items)).not.toContain(leakMark);
  });

  test('tool parts and sources come untouched, in order, after the text before them', async () => {
    const parts = [...textParts('1', pieces), ...toolParts, sourcePart, ...textParts('2', ['Take a coat.']), finish];
    const { items } = await collect(stream(streamOf(parts)).fullStream);
    const types = typesOf(items);
    expect(types.slice(types.indexOf('text-end'))).toEqual([
      'text-end', 'tool-input-start', 'tool-input-delta', 'tool-input-end', 'tool-call', 'tool-result', 'source',
      'text-start', 'text-delta', 'text-end', 'finish-step', 'finish',
    ]);
    expect(items.find(({ type }) => type === 'tool-call')).toMatchObject({ toolCallId: 'c', input: { city: 'RUDE' } });
    expect(textOf(items, '1')).toBe(mended);
  });

  test('two texts that come interleaved are aligned each on its own', async () => {
    const one = textParts('1', pieces);
    const two = textParts('2', `Good day. ${leakText}`.match(/.{1,7}/gs) ?? []);
    const mixed = two.flatMap((part, index) => [one[index], part]).filter((part) => part !== undefined);
    const result = stream(streamOf([...mixed, finish]));
    const { items } = await collect(result.fullStream);
    expect([textOf(items, '1'), textOf(items, '2')]).toEqual([mended, `Good day. ${mended}`]);
    expect(await result.providerMetadata).toMatchObject({ 'align-squad': { texts: [{ outcome: 'aligned' }, { outcome: 'aligned' }] } });
  });

  test('structured output streams on as it is, and its report says so', async () => {
    const result = stream(streamOf([...textParts('1', ['{"answer":', '"RUDE"}']), finishWith]), { structured: true });
    expect(textOf((await collect(result.fullStream)).items)).toBe('{"answer":"RUDE"}');
    expect(await result.providerMetadata).toEqual({ ...metadata, 'align-squad': { texts: [], reasoning: [], skipped: 'structured-output' } });
  });

  test('raw chunks are dropped, also when they were asked for', async () => {
    const raw: TestPart = { type: 'raw', rawValue: leakText };
    const { items } = await collect(stream(streamOf([raw, ...textParts('1', pieces), raw, finish]), { includeRawChunks: true }).fullStream);
    expect(typesOf(items)).not.toContain('raw');
    expect(textOf(items)).toBe(mended);
  });

  test('aligns, drops or keeps reasoning, also when it has the id of a text', async () => {
    const parts = [...textParts('1', ['Be RUDE.'], 'reasoning'), ...textParts('1', ['Ask first.']), finishWith];
    for (const [reasoning, expected] of [['align', 'Be KIND.'], ['drop', ''], ['keep', 'Be RUDE.']] as const) {
      const { items } = await collect(stream(streamOf(parts), { options: { reasoning } }).fullStream);
      const given = items.flatMap((item) => (item.type === 'reasoning-delta' && 'text' in item ? [item.text] : []));
      expect([reasoning, given.join(''), textOf(items)]).toEqual([reasoning, expected, 'Ask first.']);
      expect(typesOf(items).includes('reasoning-start')).toBe(reasoning !== 'drop');
      expect(JSON.stringify(items).includes('logprobs')).toBe(reasoning === 'keep');
    }
  });

  test('an abort in mid-stream ends the stream, cancels the model and gives nothing of what was held', async () => {
    const controller = new AbortController();
    let cancelled = false;
    const parts = textParts('1', ['Ask first. Then say RU']).slice(0, 2);
    const onCancel = (): void => {
      cancelled = true;
    };
    const result = stream(() => waitingStream(parts, onCancel), { abortSignal: controller.signal });
    const items: { readonly type: string }[] = [];
    for await (const item of result.fullStream) {
      items.push(item);
      if (item.type === 'text-delta') controller.abort();
    }
    expect(textOf(items)).toBe('Ask first. ');
    expect(typesOf(items).at(-1)).toBe('abort');
    await expect.poll(() => cancelled).toBe(true);
  });

  test('a stream that fails gives the sentences that were complete, then its own error', async () => {
    const failure = new RangeError('upstream');
    const parts = textParts('1', ['Ask first. Then say RU']).slice(0, 2);
    const { items, error } = await collect(stream(streamOf(parts, failure)).fullStream);
    expect(textOf(items)).toBe('Ask first. ');
    expect(error).toBe(failure);
  });

  test('an error part goes on as it is, unless the error quotes the answer', async () => {
    const quoting = new TypeValidationError({ value: { delta: leakText }, cause: new RangeError('shape') });
    const parts: TestPart[] = [{ type: 'error', error: 'overloaded' }, { type: 'error', error: quoting }, finish];
    const { items } = await collect(stream(streamOf(parts)).fullStream);
    const errors = items.flatMap((item) => ('error' in item ? [item.error] : []));
    expect(errors[0]).toBe('overloaded');
    expect(AlignSquadError.isInstance(errors[1]) && errors[1].code).toBe('source-failed');
    expect(JSON.stringify(items) + String(errors[1])).not.toContain(leakMark);
  });

  test('a squad that fails gives its error and no text', async () => {
    const squad = doubleSquad();
    const alignStream = (): never => {
      throw new AlignSquadError('Failed.', { code: 'disposed' });
    };
    const call = { options: { squad: { ...squad, alignStream } } };
    const { items, error } = await collect(stream(streamOf([...textParts('1', pieces), finish]), call).fullStream);
    expect(textOf(items)).toBe('');
    expect(error).toMatchObject({ code: 'disposed' });
  });

  test('what can not be mended is withheld, with a message when nothing is left', async () => {
    const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
    const options = { squad, withheldMessage: 'Withheld.' };
    const given = async (...texts: string[]): Promise<string> =>
      textOf((await collect(stream(streamOf([...textParts('1', texts), finish]), { options }).fullStream)).items);
    expect(await given(...pieces)).toBe('Ask for the timetable first. The train leaves at nine.');
    expect(await given('Be RUDE.')).toBe('Withheld.');
  });

  test('a fault that only the whole answer shows is in the report, and its rewrite comes with `append`', async () => {
    const parts = [...textParts('1', pieces), finish];
    const criteria = ['ethical', 'helpful'];
    const reported = stream(streamOf(parts), { criteria, options: { wholeOnly: ['ethical'] } });
    expect(textOf((await collect(reported.fullStream)).items)).toBe(leakText);
    expect(await reported.providerMetadata).toMatchObject({ 'align-squad': { texts: [{ outcome: 'unfixed' }] } });
    const appended = stream(streamOf(parts), { criteria, options: { wholeOnly: ['ethical'], closing: 'append' } });
    expect(textOf((await collect(appended.fullStream)).items)).toBe(`${leakText}\n\n${mended}`);
  });

  test('two calls at once do not mix', async () => {
    const results: AlignResult[] = [];
    const options = { onResult: (result: AlignResult) => results.push(result) };
    const calls = [leakText, `Good day. ${leakText}`].map((text) => stream(streamOf([...textParts('1', text.match(/.{1,5}/gs) ?? []), finish]), { options }));
    const texts = await Promise.all(calls.map(async ({ fullStream }) => textOf((await collect(fullStream)).items)));
    expect(texts).toEqual([mended, `Good day. ${mended}`]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['aligned', 'aligned']);
  });
});

test('parts of an unknown type are dropped', async () => {
  const { wrapStream } = alignMiddleware(['ethical'], { squad: doubleSquad() });
  const source = convertArrayToReadableStream([{ type: 'draft', text: leakText }, { type: 'ping' }]);
  const { stream } = await wrapStream({ doStream: async () => ({ stream: source }), params: { prompt: [] } });
  expect((await collect(stream)).items).toEqual([{ type: 'ping' }]);
});

test('cancelling the stream while the model is silent cancels the model with the reason', async () => {
  const reasons: unknown[] = [];
  const { wrapStream } = alignMiddleware(['ethical'], { squad: doubleSquad() });
  const source = new ReadableStream<TestPart>({
    cancel: (reason) => {
      reasons.push(reason);
    },
  });
  const { stream } = await wrapStream({ doStream: async () => ({ stream: source }), params: { prompt: [] } });
  const reader = stream.getReader();
  const pending = reader.read();
  await reader.cancel('gone');
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(reasons).toEqual(['gone']);
});
