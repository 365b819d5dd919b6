import { AIMessageChunk, type ContentBlock } from '@langchain/core/messages';
import { withoutUndefined } from '@align-squad/core';
import { alignParts, reportResult, type PartRole, type StreamEnd, type StreamEvent } from '@align-squad/squad';
import { blockText, withoutRawResponse, withoutRepeats } from './message-text.js';

/** Aligns one text of a stream. */
export type AlignSource = (source: ReadableStream<string>, id: string, signal: AbortSignal) => AsyncIterable<StreamEvent>;

interface Part {
  readonly role: PartRole;
  /** What is given for the part; the end of a text gives nothing. */
  readonly chunk?: AIMessageChunk | undefined;
  /** The block of content that the text is of. */
  readonly block?: ContentBlock | undefined;
}

/**
 * Aligns the text of a streamed message. Calls of tools, usage and blocks without text go on as they are; the metadata
 * of the response come last, with the reports.
 */
export async function* alignChunks(source: AsyncIterable<AIMessageChunk>, align: AlignSource): AsyncGenerator<AIMessageChunk, void, undefined> {
  // only the end tells whether they may repeat a text that was changed
  let held: AIMessageChunk | undefined;
  const hold = (chunk: AIMessageChunk): void => {
    const { id, response_metadata } = chunk;
    const metadata = new AIMessageChunk(withoutUndefined({ id, content: '', response_metadata }));
    held = held?.concat(metadata) ?? metadata;
  };
  const aligned = alignParts(splitChunks(source, hold), {
    roleOf: ({ role }) => role,
    align,
    textPart: (text, { chunk, block }): Part => ({ role: { kind: 'pass' }, chunk: chunk && textChunk(chunk, block, text) }),
    closing: (ends): Part[] => (held ? [{ role: { kind: 'pass' }, chunk: closingChunk(held, [...ends.values()]) }] : []),
  });
  for await (const { chunk } of aligned) if (chunk) yield chunk;
}

/** Text and everything else of each chunk as parts of their own; a text ends where one of another block begins. */
async function* splitChunks(source: AsyncIterable<AIMessageChunk>, hold: (chunk: AIMessageChunk) => void): AsyncGenerator<Part, void, undefined> {
  let open: string | undefined;
  for await (const chunk of source) {
    hold(chunk);
    const blocks: ContentBlock[] = typeof chunk.content === 'string' ? [{ type: 'text', text: chunk.content }] : chunk.content;
    for (const block of blocks) {
      const text = blockText(block);
      if (text === undefined) yield { role: { kind: 'end' }, chunk: likeChunk(chunk, { content: [block] }) };
      // such as a citation, which may come within a sentence
      else if (text === '' && typeof chunk.content !== 'string') yield { role: { kind: 'pass' }, chunk: likeChunk(chunk, { content: [block] }) };
      else if (text !== '') {
        const id = `text ${String(block['index'] ?? 0)}`;
        if (open !== undefined && id !== open) yield { role: { kind: 'end' } };
        open = id;
        yield { role: { kind: 'text', id, text }, chunk, block };
      }
    }
    const rest = restChunk(chunk);
    if (rest) yield { role: { kind: 'pass' }, chunk: rest };
  }
}

function textChunk(chunk: AIMessageChunk, block: ContentBlock | undefined, text: string): AIMessageChunk {
  if (typeof chunk.content === 'string') return likeChunk(chunk, { content: text });
  return likeChunk(chunk, { content: [withoutUndefined({ type: block?.type ?? 'text', id: block?.['id'], index: block?.['index'], text })] });
}

/** What a chunk holds beside its content and the metadata of the response. */
function restChunk(chunk: AIMessageChunk): AIMessageChunk | undefined {
  const { tool_call_chunks, tool_calls, invalid_tool_calls, usage_metadata } = chunk;
  const additional_kwargs = withoutRawResponse(chunk.additional_kwargs);
  const lists = [tool_call_chunks, tool_calls, invalid_tool_calls, Object.keys(additional_kwargs)];
  if (usage_metadata === undefined && lists.every((list) => (list ?? []).length === 0)) return undefined;
  return likeChunk(chunk, { additional_kwargs, tool_call_chunks, tool_calls, invalid_tool_calls, usage_metadata });
}

function closingChunk(held: AIMessageChunk, ends: readonly StreamEnd[]): AIMessageChunk {
  const isChanged = ends.some(({ released, result }) => released !== result.original);
  const metadata = isChanged ? withoutRepeats(held.response_metadata) : held.response_metadata;
  const reports = ends.map(({ result }) => reportResult(result));
  const response_metadata = { ...metadata, ...(reports.length > 0 && { align_squad: reports }) };
  return new AIMessageChunk(withoutUndefined({ id: held.id, content: '', response_metadata }));
}

function likeChunk({ id, name, response_metadata }: AIMessageChunk, fields: object): AIMessageChunk {
  const { output_version, model_provider } = response_metadata;
  // both say how content is to be read
  return new AIMessageChunk(
    withoutUndefined({ id, name, content: '', response_metadata: withoutUndefined({ output_version, model_provider }), ...fields }),
  );
}
