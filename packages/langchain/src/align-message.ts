import type { AIMessage, AIMessageChunk, ContentBlock, MessageContent } from '@langchain/core/messages';
import { reportResult, type AlignResult } from '@align-squad/squad';
import { blockText, changeMessage, withoutRawResponse, withoutRepeats } from './message-text.js';

/** Aligns one text. */
export type AlignText = (text: string) => Promise<AlignResult>;

/**
 * A message with aligned text: of a content of blocks, each block of text on its own. Everything else stays, and
 * `response_metadata.align_squad` holds a report for each text. A message without text comes back as it is.
 */
export async function alignMessage(message: AIMessage | AIMessageChunk, alignText: AlignText): Promise<AIMessage | AIMessageChunk> {
  const results: AlignResult[] = [];
  const align = async (text: string): Promise<string> => {
    if (text.trim() === '') return text;
    const result = await alignText(text);
    results.push(result);
    return result.response;
  };
  const content = await alignContent(message.content, align);
  if (results.length === 0) return message;
  const isChanged = results.some(({ changed }) => changed);
  return changeMessage(message, {
    content,
    response_metadata: {
      ...(isChanged ? withoutRepeats(message.response_metadata) : message.response_metadata),
      align_squad: results.map(reportResult),
    },
    additional_kwargs: isChanged ? withoutRawResponse(message.additional_kwargs) : message.additional_kwargs,
  });
}

async function alignContent(content: MessageContent, align: (text: string) => Promise<string>): Promise<MessageContent> {
  if (typeof content === 'string') return align(content);
  const blocks: ContentBlock[] = [];
  for (const block of content) {
    const text = blockText(block);
    const aligned = text === undefined ? text : await align(text);
    blocks.push(aligned === text ? block : withText(block, aligned));
  }
  return blocks;
}

/** Annotations and citations of the old text do not fit the new one. */
function withText({ annotations: _annotations, citations: _citations, ...block }: ContentBlock, text: string | undefined): ContentBlock {
  return { ...block, text };
}
