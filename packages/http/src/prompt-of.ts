import { keyPath } from './answer-field.js';
import type { RequestInfo } from './options.js';

const fields = ['question', 'prompt', 'message'].map(keyPath);

/** The prompt of a parsed JSON body: one of the usual fields, or the last user message of `messages`. */
export function promptOf({ body }: Pick<RequestInfo, 'body'>): string | undefined {
  for (const field of fields) {
    const text = field.get(body);
    if (text !== undefined) return text;
  }
  const messages: unknown = typeof body === 'object' && body !== null && 'messages' in body ? body.messages : undefined;
  if (!Array.isArray(messages)) return undefined;
  const message: unknown = messages.findLast((one: unknown) => keyPath('role').get(one) === 'user');
  return keyPath('content').get(message) ?? partsText(message);
}

/** The texts of a message in parts, such as `[{ type: 'text', text }]`. */
function partsText(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const parts: unknown = 'content' in message ? message.content : 'parts' in message ? message.parts : undefined;
  if (!Array.isArray(parts)) return undefined;
  const texts = parts.flatMap((part: unknown) => keyPath('text').get(part) ?? []);
  return texts.length === 0 ? undefined : texts.join('\n');
}
