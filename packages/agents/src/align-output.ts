import type { AgentOutputItem, AssistantMessageItem } from '@openai/agents';
import type { AlignedTexts } from './aligned-texts.js';

/** The items that a model gave, with the texts of their messages aligned; the very same array where nothing changed. */
export async function alignOutput<T extends AgentOutputItem>(output: T[], texts: AlignedTexts): Promise<T[]> {
  const aligned: T[] = [];
  // cast, because an item that is a message stays one
  for (const item of output) aligned.push('role' in item && item.role === 'assistant' ? ((await alignItem(item, texts)) as T) : item);
  return aligned.every((item, index) => item === output[index]) ? output : aligned;
}

async function alignItem(item: AssistantMessageItem, texts: AlignedTexts): Promise<AssistantMessageItem> {
  const content: AssistantMessageItem['content'] = [];
  for (const part of item.content) {
    const text = part.type === 'output_text' ? await texts.align(part.text) : undefined;
    // the provider's data of a changed part hold annotations and probabilities of the old text
    content.push(part.type !== 'output_text' || text === undefined || text === part.text ? part : { type: 'output_text', text });
  }
  if (content.every((part, index) => part === item.content[index])) return item;
  const { providerData: _raw, ...rest } = item;
  return { ...rest, content };
}
