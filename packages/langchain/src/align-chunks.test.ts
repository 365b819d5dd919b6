import { doubleSquad, leakMark } from '@align-squad/embedded/testing';
import { AIMessageChunk, type ContentBlock } from '@langchain/core/messages';
import { expect, test } from 'vitest';
import { alignChunks } from './align-chunks.js';

const squad = doubleSquad();

interface Aligned {
  readonly chunks: readonly AIMessageChunk[];
  readonly whole: AIMessageChunk;
}

async function align(...raw: (string | object)[]): Promise<Aligned> {
  const source = (async function* (): AsyncGenerator<AIMessageChunk> {
    // cast, because the type of usage depends on a structure that is not known here
    for (const fields of raw) yield new AIMessageChunk(fields as string);
  })();
  const chunks: AIMessageChunk[] = [];
  for await (const chunk of alignChunks(source, (text, _id, signal) => squad.alignStream(text, { signal }))) chunks.push(chunk);
  expect(JSON.stringify(chunks)).not.toContain(`"${leakMark}`);
  return { chunks, whole: chunks.reduce((left, right) => left.concat(right)) };
}

function text(value: string, index: number): ContentBlock {
  return { type: 'text', text: value, index };
}

test('pieces of calls of tools go on as they are', async () => {
  const tool_call_chunks = [{ name: 'weather', args: '{"city":', id: 'call-1', index: 0, type: 'tool_call_chunk' as const }];
  const more = [{ args: '"Rome"}', index: 0, type: 'tool_call_chunk' as const }];
  const { chunks, whole } = await align('Say RU', { content: 'DE. ', tool_call_chunks }, { content: '', tool_call_chunks: more });
  expect(chunks.flatMap((chunk) => chunk.tool_call_chunks ?? [])).toEqual([...tool_call_chunks, ...more]);
  expect(whole).toMatchObject({ content: 'Say KIND. ', tool_calls: [{ name: 'weather', args: { city: 'Rome' }, id: 'call-1' }] });
});

test('usage passes once, and a piece without text does not split the sentence that it comes in', async () => {
  const usage_metadata = { input_tokens: 7, output_tokens: 11, total_tokens: 18 };
  const { whole } = await align({ id: 'message-1', content: 'Say RU' }, { content: '', usage_metadata }, { content: 'DE.', additional_kwargs: { seed: 'a' } });
  expect(whole).toMatchObject({ id: 'message-1', content: 'Say KIND.', usage_metadata, additional_kwargs: { seed: 'a' } });
});

test('metadata come last: without what may repeat a changed text, whole where none was changed', async () => {
  const response_metadata = { finish_reason: 'stop', model_provider: 'test', logprobs: { content: [{ token: 'RUDE' }] }, usage: { total: 3 } };
  const changed = await align({ content: 'RUDE.', response_metadata, additional_kwargs: { __raw_response: { text: 'RUDE.' } } });
  expect(changed.whole.response_metadata).toEqual({ finish_reason: 'stop', model_provider: 'test', usage: { total: 3 }, align_squad: [expect.objectContaining({ outcome: 'aligned' })] });
  expect(changed.chunks[0]).toMatchObject({ content: 'KIND.', response_metadata: { model_provider: 'test' }, additional_kwargs: {} });
  const same = await align({ content: 'Fine.', response_metadata: { logprobs: { content: [{ token: 'Fine' }] } } });
  expect(same.whole.response_metadata).toMatchObject({ logprobs: { content: [{ token: 'Fine' }] }, align_squad: [{ outcome: 'clean' }] });
});

test('texts of different blocks are aligned on their own, in their order, and other blocks stay between them', async () => {
  const image = { type: 'image', url: 'https://example.org/a.png', index: 1 };
  const pieces = [[text('Say RU', 0)], [text('DE', 0)], [image], [text('Then RU', 2)], [text('DE. Go.', 2)]];
  const { whole } = await align(...pieces.map((content) => ({ content })));
  expect(whole.content).toEqual([text('Say KIND', 0), image, text('Then KIND. Go.', 2)]);
  expect(whole.response_metadata).toMatchObject({ align_squad: [{ outcome: 'aligned' }, { outcome: 'aligned' }] });
});

test('blocks of one piece stay in their order', async () => {
  const reasoning = { type: 'reasoning', reasoning: 'Hm.' };
  const { whole } = await align({ content: [reasoning, { type: 'text', text: 'RUDE.' }] }, { content: [{ type: 'text', text: ' Go.' }] });
  expect(whole.content).toEqual([reasoning, { type: 'text', text: 'KIND. ' }, { type: 'text', text: 'Go.' }]);
});

test('a citation that comes within a sentence does not split it', async () => {
  const citation = { type: 'text', text: '', index: 0, citations: [{ url: 'a' }] };
  const { whole } = await align({ content: [text('Say RU', 0)] }, { content: [citation] }, { content: [text('DE.', 0)] });
  expect(whole.content).toMatchObject([{ text: 'Say KIND.', citations: [{ url: 'a' }] }]);
});

test('a message without text has no report', async () => {
  const { whole } = await align({ content: '', response_metadata: { finish_reason: 'stop' } });
  expect(whole.response_metadata).toEqual({ finish_reason: 'stop' });
});
