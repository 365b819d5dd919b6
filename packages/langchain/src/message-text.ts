import { AIMessage, AIMessageChunk, type ContentBlock, type MessageContent } from '@langchain/core/messages';
import { withoutUndefined } from '@align-squad/core';

/** Content and metadata that a message gets instead of its own. */
export interface MessageChange {
  readonly content: MessageContent;
  readonly response_metadata: Readonly<Record<string, unknown>>;
  readonly additional_kwargs: Readonly<Record<string, unknown>>;
}

const textTypes = new Set<unknown>(['text', 'text_delta', 'output_text']);

/** The text of a block of content that holds text of the answer; reasoning, images and calls of tools hold none. */
export function blockText(block: ContentBlock): string | undefined {
  return textTypes.has(block.type) && typeof block['text'] === 'string' ? block['text'] : undefined;
}

/** A message like the given one, of the same class; its calls of tools, usage, id and name stay. */
export function changeMessage(message: AIMessage | AIMessageChunk, change: MessageChange): AIMessage | AIMessageChunk {
  const fields = withoutUndefined({
    ...message.lc_kwargs,
    id: message.id,
    name: message.name,
    tool_calls: message.tool_calls,
    invalid_tool_calls: message.invalid_tool_calls,
    usage_metadata: message.usage_metadata,
    ...change,
  });
  if (!AIMessageChunk.isInstance(message)) return new AIMessage(fields);
  return new AIMessageChunk(withoutUndefined({ ...fields, tool_call_chunks: message.tool_call_chunks }));
}

/**
 * Metadata of a message whose text was changed, without what may repeat it: entries with a text within them, such as
 * log probabilities and raw output, go; names, reasons and counts stay.
 */
export function withoutRepeats(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value === 'string' || !holdsText(value)));
}

/** Provider fields of a message without the raw response that some models add when asked to. */
export function withoutRawResponse(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== '__raw_response'));
}

function holdsText(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsText);
}
