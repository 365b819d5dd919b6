import type { ModelCall } from './model-types.js';

/** The text of the last message of the user; undefined when there is none. */
export function promptOf({ prompt }: ModelCall): string | undefined {
  const content = prompt.findLast(({ role }) => role === 'user')?.content;
  if (content === undefined || typeof content === 'string') return content;
  const texts = content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []));
  return texts.length === 0 ? undefined : texts.join('\n');
}

/** Whether the answer is to be JSON, of which no sentence can be rewritten. */
export function isStructured({ responseFormat }: ModelCall): boolean {
  return responseFormat?.type === 'json';
}
