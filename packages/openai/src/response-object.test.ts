import { leakMark, leakText } from '@align-squad/embedded/testing';
import { expect, test } from 'vitest';
import { callAligned, mended, responsesUrl, type Loose } from './test-support.js';

const textPart = (text: string, more: object = {}): object => ({ type: 'output_text', text, annotations: [], ...more });
const messageOf = (...content: readonly object[]): object => ({ id: 'i', type: 'message', role: 'assistant', status: 'completed', content });
const responseOf = (output: readonly object[], more: object = {}): (() => Response) => () => Response.json({ id: 'r', object: 'response', status: 'completed', output, ...more });
const call = async (response: () => Response, options?: object, body: object = { input: 'How?' }): Promise<{ readonly body: Loose; readonly header: string | null }> => {
  const answer = await callAligned(responsesUrl, response, options, body);
  return { body: (await answer.json()) as Loose, header: answer.headers.get('x-align-squad') };
};

test('each text of each message is aligned, and the reports say where it stands', async () => {
  const output = [messageOf(textPart(leakText), textPart('Good day.')), messageOf(textPart('RUDE'))];
  const { body, header } = await call(responseOf(output, { usage: { total_tokens: 3 }, output_text: `${leakText}Good day.RUDE` }));
  expect(header).toBe('aligned, clean, aligned');
  expect(body).toMatchObject({ id: 'r', usage: { total_tokens: 3 }, output: [messageOf(textPart(mended), textPart('Good day.')), messageOf(textPart('KIND'))], output_text: `${mended}Good day.KIND` });
  expect(body['align_squad']).toMatchObject([
    { output_index: 0, content_index: 0, outcome: 'aligned' },
    { output_index: 0, content_index: 1, outcome: 'clean' },
    { output_index: 1, content_index: 0, outcome: 'aligned' },
  ]);
  expect(JSON.stringify(body)).not.toContain(leakMark);
});

test('calls of tools and refusals pass, reasoning loses its text, unknown items and parts keep only what they are', async () => {
  const call_ = { id: 'f', type: 'function_call', name: 'f', arguments: '{"a":"b"}', call_id: 'c', status: 'completed' };
  const refusal = { type: 'refusal', refusal: 'No.' };
  const output = [
    { id: 'a', type: 'reasoning', summary: [{ type: 'summary_text', text: 'RUDE' }], content: [{ type: 'reasoning_text', text: 'RUDE' }], encrypted_content: 'e' },
    call_,
    { id: 'b', type: 'web_search_call', status: 'completed', action: { type: 'search' } },
    { id: 'd', type: 'news', text: 'RUDE', status: 'completed' },
    messageOf(refusal, { type: 'song', text: 'RUDE' }, textPart('Good day.')),
  ];
  const { body } = await call(responseOf(output));
  expect(body['output']).toEqual([
    { id: 'a', type: 'reasoning', summary: [], encrypted_content: 'e' },
    call_,
    output[2],
    { id: 'd', type: 'news', status: 'completed' },
    messageOf(refusal, { type: 'song' }, textPart('Good day.')),
  ]);
  expect(body['align_squad']).toMatchObject([{ output_index: 4, content_index: 2 }]);
});

test('annotations and log probabilities stay with an unchanged text and go with a changed one', async () => {
  const more = { annotations: [{ type: 'url_citation', start_index: 0, end_index: 4 }], logprobs: [{ token: 'RUDE' }] };
  const { body } = await call(responseOf([messageOf(textPart('Good day.', more), textPart('RUDE', more))]));
  expect(body['output']?.[0]?.['content']).toEqual([textPart('Good day.', more), { type: 'output_text', text: 'KIND', annotations: [], logprobs: [] }]);
});

test('JSON mode passes the text as it is and says that it was not inspected', async () => {
  const { body, header } = await call(responseOf([messageOf(textPart('{"a":"RUDE"}'))]), {}, { input: 'x', text: { format: { type: 'json_object' } } });
  expect(header).toBe('skipped');
  expect(body['output']).toEqual([messageOf(textPart('{"a":"RUDE"}'))]);
  expect(body['align_squad']).toEqual([{ output_index: 0, content_index: 0, outcome: 'skipped' }]);
});

test('a response that is still to be written has no report, and without reports nothing is added', async () => {
  expect(await call(responseOf([], { status: 'queued' }))).toMatchObject({ header: 'skipped', body: { status: 'queued', align_squad: [] } });
  const { body, header } = await call(responseOf([messageOf(textPart('RUDE'))]), { report: 'none' });
  expect([header, 'align_squad' in body]).toEqual([null, false]);
});

test.each([
  ['no output', { text: 'RUDE' }],
  ['output that is no list', { output: 'RUDE' }],
  ['an item that is no object', { output: ['RUDE'] }],
  ['content that is no list', { output: [{ type: 'message', content: 'RUDE' }] }],
])('a response with %s fails', async (_name, body) => {
  await expect(callAligned(responsesUrl, Response.json(body), {}, { input: 'x' })).rejects.toMatchObject({ code: 'source-failed' });
});

test('an error in an answer of status 200 passes', async () => {
  const body = { error: { message: 'No such model.' } };
  expect((await call(() => Response.json(body))).body).toEqual(body);
});
