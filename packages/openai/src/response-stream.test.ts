import { doubleInspector, leakCases, leakMark, leakText } from '@align-squad/embedded/testing';
import { createSquad } from '@align-squad/squad';
import { expect, test } from 'vitest';
import { callAligned, mended, responseEvents, responsesUrl, sseData, sseResponse, type Loose } from './test-support.js';

const call = async (data: readonly unknown[], options?: object, body: object = { input: 'How?' }): Promise<{ readonly text: string; readonly events: readonly Loose[] }> => {
  const text = await (await callAligned(responsesUrl, sseResponse(data), options, body)).text();
  return { text, events: sseData(text) };
};
const only = (events: readonly Loose[], type: string): readonly Loose[] => events.filter((event) => event['type'] === `response.${type}`);
const deltas = (events: readonly Loose[]): string => only(events, 'output_text.delta').map((event) => event['delta']).join('');
const place = { item_id: 'i', output_index: 0, content_index: 0 };
const without = (events: readonly { readonly type: string }[], ...types: readonly string[]): readonly { readonly type: string }[] =>
  events.filter(({ type }) => !types.includes(type.replace('response.', '')));

test.each(leakCases())('nothing that is flagged is given in pieces of $size characters', async ({ pieces }) => {
  const { text, events } = await call(responseEvents(pieces));
  expect(text).not.toContain(leakMark);
  expect(deltas(events)).toBe(mended);
  expect(only(events, 'output_text.done')).toMatchObject([{ ...place, text: mended }]);
  expect(only(events, 'content_part.done')).toMatchObject([{ ...place, part: { text: mended, annotations: [] } }]);
  expect(only(events, 'output_item.done')).toMatchObject([{ item: { content: [{ text: mended }] } }]);
  expect(only(events, 'completed')).toMatchObject([
    { response: { status: 'completed', usage: { total_tokens: 3 }, output: [{ content: [{ text: mended }] }], align_squad: [{ output_index: 0, content_index: 0, outcome: 'aligned' }] } },
  ]);
  expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, index) => index));
});

test('a leak would be seen: what is kept on purpose arrives', async () => {
  const squad = createSquad({ inspectors: [doubleInspector()], aligners: [] });
  expect((await call(responseEvents([leakText]), { squad, onUnfixed: 'keep' })).text).toContain(leakMark);
});

test('a clean answer keeps its annotations and log probabilities where its text is complete', async () => {
  const part = { annotations: [{ type: 'url_citation', start_index: 0 }], logprobs: [{ token: 'Good' }] };
  const { events } = await call(responseEvents(['Good ', 'day.'], { part }));
  expect(only(events, 'content_part.done')[0]?.['part']).toMatchObject({ text: 'Good day.', ...part });
  expect(only(events, 'completed')[0]?.['response']?.['output']?.[0]?.['content']?.[0]).toMatchObject(part);
  expect(only(events, 'output_text.delta').every((event) => event['logprobs']?.length === 0)).toBe(true);
});

test('log probabilities and annotations without a text are not given', async () => {
  const part = { annotations: [{ title: 'RUDE' }], logprobs: [{ token: 'RUDE' }] };
  const done = { type: 'response.output_text.done', ...place, text: '', logprobs: part.logprobs };
  expect((await call([...responseEvents([''], { part }), done])).text).not.toContain(leakMark);
});

test('a changed answer loses both', async () => {
  const part = { annotations: [{ title: 'RUDE' }], logprobs: [{ token: 'RUDE' }] };
  const { text, events } = await call([...responseEvents([leakText], { part }).slice(0, 5), { type: 'response.output_text.annotation.added', ...place, annotation: part.annotations[0] }, ...responseEvents([leakText], { part }).slice(5)]);
  expect(text).not.toContain(leakMark);
  expect(only(events, 'content_part.done')[0]?.['part']).toEqual({ type: 'output_text', text: mended, annotations: [], logprobs: [] });
});

test.each([
  ['the deltas', ['output_text.delta']],
  ['all but the item', ['output_text.delta', 'output_text.done', 'content_part.done']],
  ['all but the response', ['output_text.delta', 'output_text.done', 'content_part.added', 'content_part.done', 'output_item.added', 'output_item.done']],
])('a text is aligned when an upstream leaves out %s', async (_name, types) => {
  const { text, events } = await call(without(responseEvents([leakText]), ...types));
  expect(text).not.toContain(leakMark);
  expect(deltas(events)).toBe('');
  expect(only(events, 'completed')[0]?.['response']).toMatchObject({ output: [{ content: [{ text: mended }] }], align_squad: [{ outcome: 'aligned' }] });
  expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, index) => index));
});

test('text in the events that open an item or a part is held too', async () => {
  const events = responseEvents([leakText]).map((event) => {
    if (event.type === 'response.content_part.added') return { ...event, part: { type: 'output_text', text: 'RUDE start. ' } };
    return event.type === 'response.output_item.added' ? { ...event, item: { id: 'i', type: 'message', content: [{ type: 'output_text', text: 'RUDE' }] } } : event;
  });
  const answer = await call(events);
  expect(answer.text).not.toContain(leakMark);
  expect(deltas(answer.events)).toBe(`KIND start. ${mended}`);
});

test('the name of an event is the type of its data', async () => {
  const named = responseEvents([leakText]).map((event) => {
    const data = event.type === 'response.content_part.added' ? { ...event, part: { type: 'output_text', text: 'RUDE. ' } } : event;
    return `event: ${event.type}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  const text = await (await callAligned(responsesUrl, sseResponse(named.join('')), {}, { input: 'x' })).text();
  const names = text.split('\n').flatMap((line) => (line.startsWith('event: ') ? [line.slice(7)] : []));
  expect(names).toContain('response.output_text.delta');
  expect(names).toEqual(sseData(text).map((event) => event['type']));
});

test('fields that an event should not have are dropped when they could hold text', async () => {
  const events = responseEvents(['Good day.']).map((event) => (/part|item|text/.test(event.type) ? { ...event, snapshot: 'RUDE' } : event));
  expect((await call(events)).text).not.toContain(leakMark);
});

test('a full text that differs from its deltas is never given', async () => {
  const events = responseEvents(['Good day.']).map((event) => (event.type === 'response.output_text.done' ? { ...event, text: 'RUDE' } : event));
  const answer = await call(events);
  expect(answer.text).not.toContain(leakMark);
  expect(only(answer.events, 'output_text.done')[0]?.['text']).toBe('Good day.');
});

test('calls of tools and refusals pass, reasoning and unknown events are dropped', async () => {
  const passed = [
    { type: 'response.output_item.added', output_index: 1, item: { type: 'function_call', id: 'f', name: 'f', arguments: '' } },
    { type: 'response.function_call_arguments.delta', output_index: 1, item_id: 'f', delta: '{"a":1}' },
    { type: 'response.function_call_arguments.done', output_index: 1, item_id: 'f', arguments: '{"a":1}' },
    { type: 'response.output_item.done', output_index: 1, item: { type: 'function_call', id: 'f', name: 'f', arguments: '{"a":1}' } },
    { type: 'response.refusal.delta', ...place, delta: 'No.' },
    { type: 'response.web_search_call.searching', output_index: 2, item_id: 'w' },
    { type: 'response.mcp_call_arguments.delta', output_index: 2, item_id: 'w', delta: '{}' },
    { type: 'response.image_generation_call.partial_image', output_index: 2, item_id: 'w' },
    { type: 'error', message: 'Overloaded.', code: null, param: null },
  ];
  const dropped = [
    { type: 'response.reasoning_text.delta', ...place, delta: 'RUDE' },
    { type: 'response.reasoning_summary_text.done', ...place, text: 'RUDE' },
    { type: 'response.reasoning_summary_part.added', ...place, part: { text: 'RUDE' } },
    { type: 'response.content_part.added', ...place, part: { type: 'reasoning_text', text: 'RUDE' } },
    { type: 'response.content_part.done', ...place, part: { type: 'reasoning_text', text: 'RUDE' } },
    { type: 'response.audio.transcript.delta', delta: 'RUDE' },
    { type: 'response.output_song.delta', delta: 'RUDE' },
    { type: 'news', text: 'RUDE' },
    { text: 'RUDE' },
  ];
  expect((await call([...dropped, ...passed])).events).toEqual(passed);
  const reasoning = { type: 'response.output_item.done', output_index: 0, item: { type: 'reasoning', id: 'a', summary: [{ text: 'RUDE' }], content: [{ text: 'RUDE' }] } };
  expect((await call([reasoning])).events).toEqual([{ ...reasoning, item: { type: 'reasoning', id: 'a', summary: [] } }]);
});

test('JSON mode passes the events as they are and says that they were not inspected', async () => {
  const given = responseEvents(['{"a":"RU', 'DE"}']);
  const { events } = await call(given, {}, { input: 'x', text: { format: { type: 'json_schema' } } });
  expect(events.slice(0, -1)).toEqual(given.slice(0, -1));
  expect(events.at(-1)?.['response']).toMatchObject({ output: [{ content: [{ text: '{"a":"RUDE"}' }] }], align_squad: [{ outcome: 'skipped' }] });
});

test.each(['incomplete', 'failed'])('a response that ends %s gives what passed', async (status) => {
  const events = responseEvents([leakText]).map((event) => (event.type === 'response.completed' ? { ...event, type: `response.${status}` } : event));
  const answer = await call(without(events, 'output_text.done', 'content_part.done', 'output_item.done'), { report: 'none' });
  expect(answer.text).not.toContain(leakMark);
  expect(only(answer.events, status)[0]?.['response']).toMatchObject({ output: [{ content: [{ text: mended }] }] });
  expect(answer.text).not.toContain('align_squad');
});

test('where all is withheld, every event has the message', async () => {
  const { events } = await call(responseEvents(['CRASH']), { withheldMessage: 'Withheld.' });
  expect(deltas(events)).toBe('Withheld.');
  expect(only(events, 'completed')[0]?.['response']).toMatchObject({ output: [{ content: [{ text: 'Withheld.' }] }], align_squad: [{ outcome: 'error' }] });
});

test('a response with raw text at its start is emptied', async () => {
  const first = { type: 'response.created', response: { id: 'r', output: [{ type: 'message', content: [{ type: 'output_text', text: 'RUDE' }] }], output_text: 'RUDE' } };
  expect((await call([first])).text).not.toContain(leakMark);
});

test.each([
  ['a delta that is no text', { type: 'response.output_text.delta', ...place, delta: { text: 'RUDE' } }],
  ['text after its end', { type: 'response.output_text.delta', ...place, delta: 'RU' }, { type: 'response.output_text.done', ...place, text: 'RU' }, { type: 'response.output_text.delta', ...place, delta: 'DE' }],
  ['text after the end of the response', { type: 'response.output_text.delta', ...place, delta: 'RU' }, { type: 'response.completed', response: { output: [] } }, { type: 'response.output_text.delta', ...place, delta: 'DE' }],
  ['no response at the end', { type: 'response.completed', output: 'RUDE' }],
  ['broken content', { type: 'response.output_item.done', output_index: 0, item: { type: 'message', content: 'RUDE' } }],
])('a stream with %s fails', async (_name, ...events) => {
  const error: unknown = await call(events).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'source-failed' });
  expect(String(error)).not.toContain(leakMark);
});
